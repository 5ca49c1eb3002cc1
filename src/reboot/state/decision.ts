/** Decisions: the principal, the time, and the package set that the principal saw. */
import { z } from 'zod';
import { choice, list, openChoice, type Stored, text, time } from '../schema/field.ts';
import { phases } from './phases.ts';

const kind = <const Kind extends string>(value: Kind) =>
  z.literal(value).meta({
    description:
      'user: a person in Slack. window, rule: a rule of a pool. kubernetes: a user of the Kubernetes API.',
  });

export const principal = z
  .discriminatedUnion('kind', [
    z.object({
      kind: kind('user'),
      id: text('ID of the person in Slack.', 256),
      name: text('Name of the person or of the Kubernetes user.', 256),
    }),
    z.object({
      kind: kind('window'),
      pool: text('Pool of the rule.', 256),
      window: text('The window of the rule.', 256),
    }),
    z.object({ kind: kind('rule'), pool: text('Pool of the rule.', 256) }),
    z.object({ kind: kind('kubernetes'), name: text('Name of the person or of the Kubernetes user.', 256) }),
  ])
  .meta({ description: 'A person, a rule of Tugboot, or a Kubernetes user.' });
export type Principal = Stored<typeof principal>;

export const isPerson = ({ kind: of }: Principal): boolean => of === 'user' || of === 'kubernetes';

const mode = choice(['now', 'window'], 'Start now, or in the next maintenance window.');
export type ApprovalMode = Stored<typeof mode>;

const approval = z.object({
  by: principal,
  at: time('When it was given.'),
  mode,
  digest: text('What was approved: digest of the need.', 256),
  riskDigest: text('What was approved: riskDigest of the need.', 256),
  changeTicket: text('The change ticket that was named.', 64).exactOptional(),
  reason: text('The reason that was given.').exactOptional(),
});
export type Approval = Stored<typeof approval>;

export const approvals = list(approval, 'Approvals, oldest first.', 100);

/** The approvals that were sufficient, with time and package set. No reboot starts without a decision. */
export const decision = z
  .object({
    mode,
    at: time('When the last approval that was needed was given.'),
    digest: text('What was decided on: digest of the need.', 256),
    riskDigest: text('What the decision holds for: riskDigest of the need.', 256),
    approvals,
    couldStart: time(
      'When the reboot could first have started. Its approval expires counted from here.',
    ).exactOptional(),
  })
  .meta({ description: 'Approvals that were sufficient.' });
export type Decision = Stored<typeof decision>;

/** A decision, or what follows from one; and the entry of each phase, for its time. */
const historyEntry = z.object({
  at: time('When it happened.'),
  what: openChoice(
    [
      'approved',
      'snoozed',
      'denied',
      'cancelled',
      'retried',
      'skipped',
      'forced',
      'asked-again',
      'lapsed',
      /** The node belongs to another pool. */
      'moved',
      /** Written by earlier versions: the drain was undone. */
      'put-back',
      /** The drain was undone. The reason gives the cause and the next step. */
      'undone',
      /** A person requested another try of an undone drain. */
      'tried-again',
      /** A person accepted less ready workloads than before this reboot: the rollout continues. */
      'accepted',
      /** Somebody deleted the stored object, and it was created again. */
      'deleted',
      /** A hook failed, and its pool has `onFailure: continue`. */
      'hook-failed',
      /** Alerts of the node could not be silenced. */
      'silence-failed',
      /** Nobody had decided for some time, and the approvers were told. */
      'reminded',
      /** The same, later: others were told. */
      'escalated',
      /** A phase began. */
      'entered',
    ],
    'What was decided, or `entered` for a phase that began.',
  ),
  // Absent in entries that an earlier version has written again.
  phase: openChoice(phases, 'The phase that began.').exactOptional(),
  by: principal.exactOptional(),
  reason: text('The reason that was given.').exactOptional(),
  digest: text('What it was decided on: digest of the need.', 256).exactOptional(),
  changeTicket: text('The change ticket that was named.', 64).exactOptional(),
  many: text('ID of the decision for many Reboots that it is part of.', 256).exactOptional(),
});
export type HistoryEntry = Stored<typeof historyEntry>;

/** Entries that are decisions. The others say what happened to one. */
const decided: ReadonlySet<HistoryEntry['what']> = new Set([
  'approved',
  'snoozed',
  'denied',
  'cancelled',
  'retried',
  'skipped',
  'forced',
  'asked-again',
  'tried-again',
  'accepted',
]);

export const isDecision = ({ what }: HistoryEntry): boolean => decided.has(what);

/** The history is bounded, and its oldest entries may go: what is new follows the last known entry. */
export function newEntries(
  before: readonly HistoryEntry[],
  after: readonly HistoryEntry[],
): readonly HistoryEntry[] {
  const last = before.at(-1);
  const known = last === undefined ? -1 : after.findLastIndex((entry) => isSameEntry(entry, last));
  return after.slice(known + 1);
}

const isSameEntry = (one: HistoryEntry, other: HistoryEntry): boolean =>
  one.at === other.at && one.what === other.what && one.phase === other.phase;

/** The decisions among the entries of a history. */
export const decisionsIn = (entries: readonly HistoryEntry[]): readonly HistoryEntry[] =>
  entries.filter(({ what }) => !noDecision.has(what));

const noDecision: ReadonlySet<HistoryEntry['what']> = new Set(['entered', 'reminded', 'escalated']);

export const history = list(
  historyEntry,
  'Every decision and the beginning of every phase, in order. Bounded: the oldest go.',
  200,
);

/** Why an earlier decision no longer holds. */
export const lapse = z
  .object({
    at: time('When the decision lapsed.'),
    why: choice(['expired', 'moved'], 'Why it lapsed. Absent: the packages changed.').exactOptional(),
    fromPool: text('The previous pool of a node that moved.', 253).exactOptional(),
    added: list(z.string().meta({ maxLength: 512 }), 'Packages that were added since the decision.'),
    removed: list(z.string().meta({ maxLength: 512 }), 'Packages that were removed since the decision.'),
    // Absent when no decision lapsed: a denial also ends when the denied packages change.
    before: decision.exactOptional(),
  })
  .meta({ description: 'Why an earlier decision no longer holds.' });
export type Lapse = Stored<typeof lapse>;
