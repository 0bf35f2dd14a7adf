import type { Item } from './thread';

/** What a session tells the view. */
export interface Events {
  /** Something to show has changed. */
  changed(): void;
  /** Items that are new, not history. */
  arrived(items: Item[]): void;
  /** The conversation had ended elsewhere. */
  ended(): void;
}
