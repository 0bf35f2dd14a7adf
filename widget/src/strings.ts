import type { Tier } from './contract';

/** Every word of the widget itself. What the clinic says comes from the server. */
export interface Strings {
  ask: (name: string) => string;
  subtitle: (clinic: string) => string;
  callLine: (number: string) => string;
  demo: string;
  close: string;
  more: string;
  log: string;
  question: string;
  send: string;
  you: string;
  nurse: (clinic: string) => string;
  sending: string;
  waiting: string;
  refused: string;
  sendAgain: string;
  looking: (name: string) => string;
  from: (section: string) => string;
  page: string;
  showOnPage: string;
  helpful: string;
  yes: string;
  no: string;
  thanks: string;
  notKept: string;
  warning: Record<Tier, string>;
  late: string;
  down: string;
  downUnsent: string;
  emergency: (number: string) => string;
  back: string;
  ended: string;
  withPerson: string;
  newMessage: string;
  unread: (count: number) => string;
  print: string;
  save: string;
  startOver: string;
  remove: string;
  startOverAsk: string;
  removeAsk: string;
  cancel: string;
  notRemoved: string;
  removed: string;
  transcriptOf: (name: string) => string;
  today: string;
  yesterday: string;
}

const en: Strings = {
  ask: (name) => `Ask ${name}`,
  subtitle: (clinic) => `Automated assistant of ${clinic}`,
  callLine: (number) => `Call the clinic: ${number}`,
  demo: 'demo number',
  close: 'Close the chat',
  more: 'More',
  log: 'Conversation',
  question: 'Your question',
  send: 'Send',
  you: 'You',
  nurse: (clinic) => `A person at ${clinic}`,
  sending: 'Sending…',
  waiting: 'Waiting to be sent',
  refused: 'Not sent.',
  sendAgain: 'Send it again',
  looking: (name) => `${name} is looking this up…`,
  from: (section) => `From: ${section}`,
  page: 'the clinic’s page',
  showOnPage: 'Show it on this page',
  helpful: 'Was this helpful?',
  yes: 'Yes',
  no: 'No',
  thanks: 'Thank you.',
  notKept: 'That could not be kept.',
  warning: { clinic: 'Call the clinic today', emergency: 'Emergency: call now', crisis: 'Help is there: call or text now' },
  late: 'This takes longer than it should. You can also call:',
  down: 'The chat cannot be reached right now. Please call:',
  downUnsent: 'Your message is not sent yet. It goes by itself when the chat can be reached. Please call:',
  emergency: (number) => `Emergency: call ${number}`,
  back: 'The chat works again.',
  ended: 'The earlier conversation has ended or was deleted.',
  withPerson: 'A person of the clinic is in this chat.',
  newMessage: 'New message',
  unread: (count) => `New messages from the clinic: ${count}`,
  print: 'Print',
  save: 'Save as a text file',
  startOver: 'Start over',
  remove: 'Delete my conversation',
  startOverAsk: 'Start a new conversation? This one, and what the clinic writes in it, will no longer show here.',
  removeAsk: 'Delete this conversation, here and at the clinic? What was passed on to the staff stays with them.',
  cancel: 'Cancel',
  notRemoved: 'It could not be deleted now. Please try again.',
  removed: 'Your conversation was deleted.',
  transcriptOf: (name) => `Conversation with ${name}`,
  today: 'Today',
  yesterday: 'Yesterday',
};

const es: Strings = {
  ask: (name) => `Pregunte a ${name}`,
  subtitle: (clinic) => `Asistente automático de ${clinic}`,
  callLine: (number) => `Llamar a la clínica: ${number}`,
  demo: 'número de prueba',
  close: 'Cerrar el chat',
  more: 'Más',
  log: 'Conversación',
  question: 'Su pregunta',
  send: 'Enviar',
  you: 'Usted',
  nurse: (clinic) => `Una persona de ${clinic}`,
  sending: 'Enviando…',
  waiting: 'Se enviará en cuanto se pueda',
  refused: 'No se envió.',
  sendAgain: 'Enviar otra vez',
  looking: (name) => `${name} está buscando…`,
  from: (section) => `De: ${section}`,
  page: 'la página de la clínica',
  showOnPage: 'Mostrar en esta página',
  helpful: '¿Le ayudó?',
  yes: 'Sí',
  no: 'No',
  thanks: 'Gracias.',
  notKept: 'No se pudo guardar.',
  warning: { clinic: 'Llame hoy a la clínica', emergency: 'Emergencia: llame ahora', crisis: 'Hay ayuda: llame o escriba ahora' },
  late: 'Esto tarda más de lo normal. También puede llamar:',
  down: 'No se puede usar el chat ahora. Por favor llame:',
  downUnsent: 'Su mensaje aún no se envió. Saldrá solo en cuanto se pueda. Por favor llame:',
  emergency: (number) => `Emergencia: llame al ${number}`,
  back: 'El chat funciona de nuevo.',
  ended: 'La conversación anterior terminó o se borró.',
  withPerson: 'Una persona de la clínica está en este chat.',
  newMessage: 'Mensaje nuevo',
  unread: (count) => `Mensajes nuevos de la clínica: ${count}`,
  print: 'Imprimir',
  save: 'Guardar como archivo de texto',
  startOver: 'Empezar de nuevo',
  remove: 'Borrar mi conversación',
  startOverAsk: '¿Empezar una conversación nueva? Esta, y lo que la clínica escriba en ella, ya no se verá aquí.',
  removeAsk: '¿Borrar esta conversación, aquí y en la clínica? Lo que ya recibió el personal se queda con ellos.',
  cancel: 'Cancelar',
  notRemoved: 'No se pudo borrar ahora. Inténtelo otra vez.',
  removed: 'Su conversación se borró.',
  transcriptOf: (name) => `Conversación con ${name}`,
  today: 'Hoy',
  yesterday: 'Ayer',
};

/** The strings for a language tag such as "es-MX"; English for any that we do not have. */
export const stringsFor = (language: string): Strings => (language.toLowerCase().startsWith('es') ? es : en);
