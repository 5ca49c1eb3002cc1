/** What a decision for many means for each Reboot. Pure. */
import type { Rejection } from '../approval/decision-request.ts';
import { type Principal } from '../state/decision.ts';
import type { Reboot } from '../state/reboot.ts';
import { toInstant } from '../time/time.ts';
import type { RebootEvent } from '../machine/events/events.ts';
import { eventOf } from '../machine/events/decision-event.ts';
import { type ManyRequest, requestForOne } from './many-request.ts';
import {
  type DigestDecision,
  type DigestEntry,
  entriesAt,
  type PoolDigest,
  shownDigest,
} from './pool-digest.ts';

type Chosen = Pick<DigestDecision, 'revision' | 'only'>;

/** The entries that a decision is about: as the revision showed them, whatever has changed since. */
export function chosenEntries(digest: PoolDigest, { revision, only }: Chosen): readonly DigestEntry[] {
  const shown = entriesAt(digest, revision);
  if (!only) return shown;
  const chosen = new Set(only);
  return shown.filter(({ reboot }) => chosen.has(reboot));
}

/** A decision for many, as far as it concerns one Reboot. */
export interface PartOfMany {
  readonly id: string;
  readonly request: ManyRequest;
  readonly by: Principal;
}

/** The event of one Reboot, or why the decision does not hold for it. */
export function eventForOne(
  reboot: Reboot,
  { pool, digest }: { readonly pool: string; readonly digest: string },
  { id, request, by }: PartOfMany,
): RebootEvent | Rejection {
  const { name } = reboot.node;
  if (reboot.pool !== pool)
    return { code: 'pool-changed', sentence: `${name} moved from pool ${pool} to pool ${reboot.pool}.` };
  if (shownDigest(reboot.need.digest) !== digest)
    return { code: 'packages-changed', sentence: `The packages of ${name} changed since you looked.` };
  return eventOf(requestForOne(request, reboot.need.digest), by, id);
}

/**
 * Whether the decision was applied to the Reboot already, by a job that was interrupted or that runs twice.
 * It is not applied again, even if somebody has taken it back since.
 */
export const isApplied = ({ history }: Reboot, { id }: Pick<PartOfMany, 'id'>): boolean =>
  history.some(({ many }) => many === id);

/**
 * The same decision of the same person on the same list within this time is a double click or a repeated
 * payload (milliseconds).
 */
const repeatedWithin = 60_000;

/**
 * What two clicks of one person have in common. The times of two snoozes differ by the time between the
 * clicks.
 */
export function decisionKey({
  revision,
  only,
  request,
  by,
}: Omit<DigestDecision, 'id' | 'of' | 'at'>): string {
  const { kind, ...terms } = request;
  const asked = Object.entries(terms)
    .filter(([term, given]) => term !== 'until' || typeof given !== 'number')
    .toSorted(([one], [other]) => (one < other ? -1 : 1));
  const who = by.kind === 'user' ? by.id : by;
  return JSON.stringify([revision, only?.toSorted(), kind, asked, who]);
}

/** The stored decision that a new one repeats. `key`: the digest of its `decisionKey`. */
export const repeatedIn = (
  { decisions }: PoolDigest,
  key: string,
  { at, request }: Pick<DigestDecision, 'at' | 'request'>,
): DigestDecision | undefined =>
  decisions.find(
    (known) =>
      known.id.startsWith(`${key}-`) &&
      (known.result === undefined || Math.abs(toInstant(at) - toInstant(known.at)) < repeatedWithin) &&
      Math.abs(untilOf(known.request) - untilOf(request)) < repeatedWithin,
  );

const untilOf = (request: ManyRequest): number =>
  request.kind === 'snooze' && typeof request.until === 'number' ? request.until : 0;

/** Unique in the digest, whatever the clocks of two bots say. */
export function decisionId(
  { decisions }: PoolDigest,
  key: string,
  { at }: Pick<DigestDecision, 'at'>,
): string {
  const taken = new Set(decisions.map(({ id }) => id));
  let nth = toInstant(at);
  while (taken.has(`${key}-${nth}`)) nth += 1;
  return `${key}-${nth}`;
}
