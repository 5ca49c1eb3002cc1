import type { Instant } from '../time/time.ts';

/**
 * A Reboot whose record cannot be read: changed by hand, or written by a later version. It is not modified
 * until a person repairs or deletes it.
 */
export interface Unreadable {
  readonly name: string;
  /** Names the field, without its content. */
  readonly problem: string;
  /** From the record; empty where it cannot be read. */
  readonly node: { readonly name: string; readonly uid: string };
  readonly bootId: string;
  readonly pool: string;
  readonly phase: string;
}

export const unreadableSentence = ({ name, problem }: Pick<Unreadable, 'name' | 'problem'>): string =>
  `The record of ${name} cannot be read: ${problem}. Tugboot leaves its node and its turn as they are. Mend it with kubectl edit reboot ${name} --subresource=status, or delete it: then its node is put back.`;

/** A separate message about such a record, since its card cannot be rendered. */
export interface UnreadableNotice {
  /** The key by which the message is found again. */
  readonly key: string;
  readonly cluster: string;
  readonly channel: string;
  readonly pool: string;
  readonly node: string;
  readonly sentence: string;
  /** How far back an earlier post of it is searched for. */
  readonly since: Instant;
}
