/** The chat API as the gateway's openapi.yml has it. Fields that an older gateway lacks are optional. */

export interface Link {
  title: string;
  href: string;
}

export interface Button {
  title: string;
  choice: string;
}

/** A line of the clinic's document, and the title of the part that it stands in. */
export interface Source {
  id: string;
  quote: string;
  section?: string;
}

export interface BotMessage {
  text: string;
  topic: string | null;
  sources: Source[];
  buttons: Button[];
  links: Link[];
}

export type Tier = 'clinic' | 'emergency' | 'crisis';

export interface Escalation {
  reference: string | null;
  tier: Tier;
  status: string;
}

export interface BotLine extends BotMessage {
  from: 'bot';
  at: string;
  reply_to?: string | null;
}

export interface PatientLine {
  from: 'patient';
  at: string;
  message_id: string;
  text: string;
  escalation: Escalation | null;
  helpful?: boolean | null;
}

/** What a person of the clinic wrote (`message`), or what became of a ticket (`note`). */
export interface ClinicLine {
  from: 'clinic';
  kind: 'message' | 'note';
  event_id: number;
  at: string;
  text: string;
  reference?: string | null;
  status?: string | null;
}

export type Line = BotLine | PatientLine | ClinicLine;

export interface Opened {
  conversation_id: string;
  token: string;
  greeting: BotMessage[];
}

export interface Transcript {
  messages: Line[];
  last_event_id?: number | null;
  with_person?: boolean;
}

export interface Reply {
  messages: BotMessage[];
  escalation: Escalation | null;
  with_person?: boolean;
}

export interface Problem {
  detail?: string;
}

/** A conversation's id and the token that opens it. */
export interface Key {
  id: string;
  token: string;
}

/** A message on its way: typed text, or the choice of a button. `title` is what the patient sees. */
export interface Said {
  message_id: string;
  text?: string;
  choice?: string;
}

/** The clinic's facts that the gateway puts in front of the script. */
export interface Phone {
  display: string;
  href: string;
}

export interface Clinic {
  name: string;
  line: Phone;
  emergency?: Phone;
  demo: boolean;
}
