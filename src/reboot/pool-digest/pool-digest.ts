/**
 * The pool digest as it is stored: the Reboots of a pool that ask for a decision in one message, and the
 * decisions that were taken for many of them at once.
 */
import type { Principal } from '../state/decision.ts';
import type { Instant, Timestamp } from '../time/time.ts';
import type { ManyRequest } from './many-request.ts';

export interface DigestEntry {
  /** Name of the Reboot. */
  readonly reboot: string;
  /** `shownDigest` of the packages that the message shows for it. A decision is bound to them. */
  readonly digest: string;
  /** The revision in which the entry was added. */
  readonly from: number;
  /** The revision in which it was removed: the Reboot is decided on its own card, or has another entry. */
  readonly until?: number;
}

/** A decision for many Reboots. It is stored once, and then applied to each of them. */
export interface DigestDecision {
  readonly id: string;
  /** What the person saw: the entries of this revision. */
  readonly revision: number;
  /** Names of the chosen Reboots, until it is applied. Absent: all entries of the revision. */
  readonly only?: readonly string[];
  /** On how many Reboots it was taken. */
  readonly of: number;
  readonly request: ManyRequest;
  readonly by: Principal;
  readonly at: Timestamp;
  /** Absent while it is being applied. */
  readonly result?: ManyOutcome;
}

export interface ManyOutcome {
  readonly at: Timestamp;
  /** To how many Reboots it was applied. */
  readonly applied: number;
  /** How many rejected it. */
  readonly refused: number;
  /** The first rejections, at most `mostRefusals`. */
  readonly refusals: readonly Refusal[];
}

/** A Reboot that a decision was not applied to. */
export interface Refusal {
  readonly reboot: string;
  readonly sentence: string;
}

export const mostRefusals = 10;

/** The message of the digest. Written by the chat adapter through `save`. */
export interface DigestChat {
  readonly message?: {
    readonly channel: string;
    readonly ts: string;
    /** Hash of its content; empty: not known. */
    readonly hash: string;
    /** The revision that it shows; 0: not known. */
    readonly revision: number;
  };
  /** A post was started and may have succeeded: the channel is searched before another. */
  readonly posting?: { readonly channel: string; readonly at: Timestamp };
  /** Slack timestamps of replies in its thread, by key. An empty one: a post was started. */
  readonly replies?: Readonly<Record<string, string>>;
}

/** When the message first showed a revision. The notice period of the pool's rule begins there. */
export interface ShownRevision {
  readonly revision: number;
  readonly at: Timestamp;
}

export interface PoolDigest {
  readonly id: string;
  readonly pool: string;
  readonly openedAt: Timestamp;
  /** Grows whenever the entries change. */
  readonly revision: number;
  /** The first revision whose entries are all kept. Nothing can be decided on earlier ones. */
  readonly oldest: number;
  readonly entries: readonly DigestEntry[];
  readonly decisions: readonly DigestDecision[];
  readonly chat: DigestChat;
  /** The oldest first. */
  readonly shown: readonly ShownRevision[];
  /** Every Reboot of it has ended, or is on its own card. */
  readonly closedAt?: Timestamp;
}

/**
 * In characters of the digest of a need. Thousands of entries have to fit into one object; 96 bits are still
 * far more than anybody can find a second package set for.
 */
const shownDigestLength = 24;

export const shownDigest = (digest: string): string => digest.slice(0, shownDigestLength);

/** The entries that a message of this revision shows. */
export const entriesAt = (
  { entries }: Pick<PoolDigest, 'entries'>,
  revision: number,
): readonly DigestEntry[] =>
  entries.filter(({ from, until }) => from <= revision && revision < (until ?? Number.POSITIVE_INFINITY));

/** The entries of the latest revision. */
export const currentEntries = ({ entries }: Pick<PoolDigest, 'entries'>): readonly DigestEntry[] =>
  entries.filter(({ until }) => until === undefined);

/** When the message first showed the entry; undefined while it has not. */
export function entryShownAt(
  { shown }: Pick<PoolDigest, 'shown'>,
  { from }: Pick<DigestEntry, 'from'>,
): Instant | undefined {
  const first = shown.find(({ revision }) => revision >= from);
  return first && Date.parse(first.at);
}
