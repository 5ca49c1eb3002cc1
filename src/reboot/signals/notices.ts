/** Groups notes into messages and decides when each message is due. */
import type { PoolPolicy } from '../policy/policy.ts';
import type { NodeNote } from '../nodes/node-note.ts';
import { type Instant, type Millis, minute, second, toInstant } from '../time/time.ts';

/** A node with a note that was not posted yet. */
export interface UntoldNote {
  readonly node: string;
  readonly nodeNote: NodeNote;
  readonly pool: PoolPolicy;
  readonly reason: string;
  /** How long the condition has to last before it is posted, in milliseconds. */
  readonly lasts: Millis;
}

/**
 * Notes for one message, the oldest first. Replicas compete for the message by compare-and-swap on the
 * NodeAgent of the first.
 */
export type NoticeGroup = readonly [UntoldNote, ...UntoldNote[]];

/** How long a due note waits for others: notes that began within this time go into one message. */
const groupWait: Millis = minute;

/** A claim older than this, without a posted message, is taken over. */
const claimTimeout: Millis = 2 * minute;

/**
 * A post is abandoned this long after its claim. The rest of `claimTimeout` covers the response and clock
 * skew between replicas.
 */
export const postWithin: Millis = 75 * second;

/** The groups that are due now. A claimed message keeps its nodes, since its key depends on them. */
export function dueNotices(untold: readonly UntoldNote[], now: Instant): readonly NoticeGroup[] {
  const groups: [UntoldNote, ...UntoldNote[]][] = [];
  for (const one of untold.toSorted(byClaimAndAge)) {
    const known = groups.find(([first]) => isSameGroup(first, one));
    if (known) known.push(one);
    else groups.push([one]);
  }
  return groups.filter((group) => isDue(group, now));
}

/** Notes with a claimed message come first: later notes join the claim, not the reverse. */
function byClaimAndAge(a: UntoldNote, b: UntoldNote): number {
  const begun = Number(b.nodeNote.notice !== undefined) - Number(a.nodeNote.notice !== undefined);
  return begun || startOf(a) - startOf(b) || (a.node < b.node ? -1 : 1);
}

function isSameGroup(first: UntoldNote, one: UntoldNote): boolean {
  if (one.nodeNote.notice !== undefined) return one.nodeNote.notice.key === first.nodeNote.notice?.key;
  return subjectOf(first) === subjectOf(one) && Math.abs(startOf(one) - startOf(first)) <= groupWait;
}

function isDue(group: NoticeGroup, now: Instant): boolean {
  const [first] = group;
  const attempts = group.flatMap(({ nodeNote: { notice } }) => notice?.at ?? []).map(toInstant);
  if (attempts.length > 0) return now - Math.max(...attempts) >= claimTimeout;
  return now - startOf(first) >= first.lasts + groupWait;
}

const startOf = ({ nodeNote }: UntoldNote): Instant => toInstant(nodeNote.since);

const subjectOf = ({ pool, nodeNote }: UntoldNote): string =>
  JSON.stringify([pool.name, nodeNote.about.toSorted()]);
