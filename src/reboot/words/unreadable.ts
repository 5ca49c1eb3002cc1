import type { Instant } from '../ports/time.ts';

/**
 * A Reboot whose record cannot be read: changed by hand, or written by a later version. It is left as it is
 * until a person mends or deletes it.
 */
export interface Unreadable {
  readonly name: string;
  /** Names the field, and holds none of its content. */
  readonly problem: string;
  /** As the record says; empty where it does not. */
  readonly node: { readonly name: string; readonly uid: string };
  readonly bootId: string;
  readonly pool: string;
  readonly phase: string;
}

export const unreadableSentence = ({ name, problem }: Pick<Unreadable, 'name' | 'problem'>): string =>
  `The record of ${name} cannot be read: ${problem}. Tugboot leaves its node and its turn as they are. Mend it with kubectl edit reboot ${name} --subresource=status, or delete it: then its node is put back.`;

/** A message of its own about such a record: its card cannot be drawn. */
export interface UnreadableNotice {
  /** Of this message, to find it again. */
  readonly key: string;
  readonly cluster: string;
  readonly channel: string;
  readonly pool: string;
  readonly node: string;
  readonly sentence: string;
  /** From when on one that was posted before is looked for. */
  readonly since: Instant;
}
