/** Which doubts are told in one message, and when. */
import type { PoolPolicy } from '../policy/policy.ts';
import type { NodeNote } from './node-note.ts';
import { type Instant, type Millis, minute, second, toInstant } from '../ports/time.ts';

/** A node with something of which the channel was not told. */
export interface UntoldNote {
  readonly node: string;
  readonly nodeNote: NodeNote;
  readonly pool: PoolPolicy;
  readonly reason: string;
  /** How long it has to last before it is told. */
  readonly lasts: Millis;
}

/** The first is the oldest: its NodeAgent is the one place at which replicas compete for the message. */
export type NoticeGroup = readonly [UntoldNote, ...UntoldNote[]];

/**
 * The first doubt that has lasted waits so long for others: those that began within it are told in the same
 * message.
 */
const groupWait: Millis = minute;

/** A message that was begun and not concluded for so long is taken over. */
const takeOver: Millis = 2 * minute;

/**
 * A post that was not sent so long after its claim is given up: the rest of `takeOver` is for its answer, and
 * for clocks that differ.
 */
export const postWithin: Millis = 75 * second;

/** A message that was begun keeps its nodes, or it could not be found again. */
export function dueNotices(untold: readonly UntoldNote[], now: Instant): readonly NoticeGroup[] {
  const groups: [UntoldNote, ...UntoldNote[]][] = [];
  for (const one of untold.toSorted(inOrder)) {
    const known = groups.find(([first]) => belongTogether(first, one));
    if (known) known.push(one);
    else groups.push([one]);
  }
  return groups.filter((group) => isDue(group, now));
}

/** Those of a begun message come first: later ones join it, not the reverse. */
function inOrder(a: UntoldNote, b: UntoldNote): number {
  const begun = Number(b.nodeNote.notice !== undefined) - Number(a.nodeNote.notice !== undefined);
  return begun || startOf(a) - startOf(b) || (a.node < b.node ? -1 : 1);
}

function belongTogether(first: UntoldNote, one: UntoldNote): boolean {
  if (one.nodeNote.notice !== undefined) return one.nodeNote.notice.key === first.nodeNote.notice?.key;
  return subjectOf(first) === subjectOf(one) && Math.abs(startOf(one) - startOf(first)) <= groupWait;
}

function isDue(group: NoticeGroup, now: Instant): boolean {
  const [first] = group;
  const attempts = group.flatMap(({ nodeNote: { notice } }) => notice?.at ?? []).map(toInstant);
  if (attempts.length > 0) return now - Math.max(...attempts) >= takeOver;
  return now - startOf(first) >= first.lasts + groupWait;
}

const startOf = ({ nodeNote }: UntoldNote): Instant => toInstant(nodeNote.since);

const subjectOf = ({ pool, nodeNote }: UntoldNote): string =>
  JSON.stringify([pool.name, nodeNote.about.toSorted()]);
