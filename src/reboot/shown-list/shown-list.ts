/**
 * The list of Reboots that an answer to `/reboot` has shown, as it is stored: its button decides on exactly
 * these, with the packages that they had then.
 */
import { z } from 'zod';
import { manyRequest } from '../pool-digest/many-request.ts';
import { manyOutcome } from '../pool-digest/pool-digest.ts';
import { count, name, type Stored, time } from '../schema/field.ts';
import { principal } from '../state/decision.ts';
import { hour, type Instant, minute, toInstant } from '../time/time.ts';

export interface ShownEntry {
  /** Name of the Reboot. */
  readonly reboot: string;
  readonly pool: string;
  /** `shownDigest` of its packages. */
  readonly digest: string;
}

export type ListDecision = Stored<typeof listDecision>;
const listDecision = z
  .object({
    by: principal,
    at: time('When it was taken.'),
    refused: count('On how many it did not hold, as the person was answered.').exactOptional(),
    result: manyOutcome.exactOptional(),
  })
  .meta({ description: 'The decision that was taken with its button.' });

export const shownListFields = {
  id: name('Its name.'),
  at: time('When it was shown.'),
  request: manyRequest,
  digest: z
    .object({ id: name('Name of the pool digest.'), revision: count('Its revision.') })
    .meta({ description: 'The list is this revision, and the decision is taken in the digest.' })
    .exactOptional(),
  decision: listDecision.exactOptional(),
};
const shownListRecord = z.object(shownListFields);

export interface ShownList extends Stored<typeof shownListRecord> {
  /** Empty where the list is a whole pool digest. */
  readonly entries: readonly ShownEntry[];
}

/** Of which the decision is stored, and not applied to each yet. */
export const isPending = ({ decision }: ShownList): boolean =>
  decision !== undefined && decision.result === undefined;

/** For how long its button decides. */
export const listLifetime = hour;

/** In bytes, of all lists together: they are stored beside the pool digests. */
const mostBytes = 200_000;
const mostLists = 100;

const sizeOf = ({ entries }: ShownList): number =>
  entries.reduce((sum, { reboot, pool }) => sum + reboot.length + pool.length + 16, 1000);

const isKept = (list: ShownList, now: Instant): boolean =>
  isPending(list) || now - toInstant(list.at) < listLifetime + minute;

/** The lists with a new one; the oldest that are not pending make room. `full`: it does not fit. */
export function withList(
  lists: readonly ShownList[],
  list: ShownList,
  now: Instant,
): readonly ShownList[] | 'full' {
  const others = lists.filter((each) => each.id !== list.id && isKept(each, now));
  const pending = others.filter(isPending);
  const byImportance = [list, ...pending, ...others.filter((each) => !isPending(each)).toReversed()];
  const kept = new Set<ShownList>();
  let room = mostBytes;
  for (const each of byImportance) {
    room -= sizeOf(each);
    if (room >= 0 && kept.size < mostLists) kept.add(each);
    else if (each === list || isPending(each)) return 'full';
    else break;
  }
  return [...others.filter((each) => kept.has(each)), list];
}

/** A list with a decision, or with its result. */
export const withDecision = (
  lists: readonly ShownList[],
  id: string,
  decision: ListDecision,
): readonly ShownList[] => lists.map((each) => (each.id === id ? { ...each, decision } : each));
