/**
 * The list of Reboots that an answer to `/reboot` has shown, as it is stored: its button decides on exactly
 * these, with the packages that they had then.
 */
import type { ManyRequest } from '../pool-digest/many-request.ts';
import type { ManyOutcome } from '../pool-digest/pool-digest.ts';
import type { Principal } from '../state/decision.ts';
import { hour, type Instant, minute, toInstant, type Timestamp } from '../time/time.ts';

export interface ShownEntry {
  /** Name of the Reboot. */
  readonly reboot: string;
  readonly pool: string;
  /** `shownDigest` of its packages. */
  readonly digest: string;
}

export interface ShownList {
  readonly id: string;
  readonly at: Timestamp;
  /** What the button decides. */
  readonly request: ManyRequest;
  /** Empty where the list is a whole pool digest. */
  readonly entries: readonly ShownEntry[];
  /** All of this revision: the decision is taken in the digest. */
  readonly digest?: { readonly id: string; readonly revision: number };
  readonly decision?: ListDecision;
}

export interface ListDecision {
  readonly by: Principal;
  readonly at: Timestamp;
  /** On how many it did not hold, as the person was answered. */
  readonly refused?: number;
  /** Absent while it is being applied. */
  readonly result?: ManyOutcome;
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
