import type { Words } from '../client/outbox';
import type { Session } from '../client/session';
import type { Clinic, Link, Phone } from '../contract';
import type { Strings } from '../strings';

/** What the parts of the view share. */
export interface Context {
  t: Strings;
  language: string;
  /** The assistant's name. */
  name: string;
  /** Null where the script does not come from a gateway, and the page has no link that dials in the tag. */
  clinic: Clinic | null;
  session: Session;
  say: (words: Words, shown: string) => void;
  /** Show a line of the host page; where the panel hides the page, it closes. */
  show: (id: string) => void;
}

/** A number as a link that dials. It is not broken over two lines. */
export const callLink = (title: (number: string) => string, phone: Phone): Link =>
  ({ title: title(phone.display.replaceAll(' ', '\u00a0').replaceAll('-', '\u2011')), href: phone.href });
