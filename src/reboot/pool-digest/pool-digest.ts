/**
 * The pool digest as it is stored: the Reboots of a pool that ask for a decision in one message, and the
 * decisions that were taken for many of them at once.
 */
import { z } from 'zod';
import { count, list, name, type Stored, text, time } from '../schema/field.ts';
import { principal } from '../state/decision.ts';
import type { Instant } from '../time/time.ts';
import { manyRequest } from './many-request.ts';

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

export const mostRefusals = 10;

/** A Reboot that a decision was not applied to. */
export type Refusal = Stored<typeof refusal>;
const refusal = z.object({
  reboot: name('Name of the Reboot.'),
  sentence: text('Why the decision was not applied to it.'),
});

export type ManyOutcome = Stored<typeof manyOutcome>;
export const manyOutcome = z
  .object({
    at: time('When it had been applied to all.'),
    applied: count('To how many Reboots it was applied.'),
    refused: count('How many rejected it.'),
    refusals: list(refusal, 'The first rejections.', mostRefusals),
  })
  .meta({ description: 'The result of a decision for many.' });

export const digestDecisionFields = {
  id: name('Its name.'),
  revision: count('What the person saw: the entries of this revision.'),
  of: count('On how many Reboots it was taken.'),
  request: manyRequest,
  by: principal,
  at: time('When it was taken.'),
  result: manyOutcome.exactOptional(),
};
const digestDecision = z.object(digestDecisionFields);

/** A decision for many Reboots. It is stored once, and then applied to each; then it has a result. */
export interface DigestDecision extends Stored<typeof digestDecision> {
  /** Names of the chosen Reboots, until it is applied. Absent: all entries of the revision. */
  readonly only?: readonly string[];
}

/** The message of the digest. Written by the chat adapter through `save`. */
export type DigestChat = Stored<typeof digestChat>;
const digestChat = z
  .object({
    message: z
      .object({
        channel: name('Its channel.'),
        ts: name('Its timestamp in Slack.'),
        hash: name('Hash of its content; empty: not known.'),
        revision: count('The revision that it shows; 0: not known.'),
      })
      .meta({ description: 'The message that was posted.' })
      .exactOptional(),
    posting: z
      .object({ channel: name('Its channel.'), at: time('When the post was started.') })
      .meta({
        description: 'A post that may have succeeded: the channel is searched before another.',
      })
      .exactOptional(),
    replies: z
      .record(z.string(), z.string())
      .meta({
        description: 'Slack timestamps of replies in its thread, by key. An empty one: a post was started.',
      })
      .exactOptional(),
  })
  .meta({ description: 'What was posted.' });

const shownRevision = z.object({
  revision: count('The revision.'),
  at: time('When the message first showed it. The notice period of the pool’s rule begins there.'),
});

export const digestFields = {
  id: name('Its name.'),
  pool: name('Its pool.'),
  openedAt: time('When its first entry came.'),
  closedAt: time('When every Reboot of it had ended, or was on its own card.').exactOptional(),
  revision: count('Grows whenever the entries change.'),
  oldest: count('The first revision whose entries are all kept. Nothing can be decided on earlier ones.'),
  chat: digestChat,
  shown: list(shownRevision, 'The revisions that the message showed, the oldest first.'),
};
const digestRecord = z.object(digestFields);

export interface PoolDigest extends Stored<typeof digestRecord> {
  readonly entries: readonly DigestEntry[];
  readonly decisions: readonly DigestDecision[];
}

/**
 * Number of characters that are kept of the digest of a need. Thousands of entries have to fit into one
 * object, and 96 bits are enough against a collision.
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
