/** Each phase with the facts that are true in it. */
import { z } from 'zod';
import { approvals, decision, lapse, principal } from './decision.ts';
import { delay, drainProgress, drainSummary } from './drain-facts.ts';
import { choice, count, flag, list, millis, type Stored, text, time } from '../schema/field.ts';
import { hookRun } from './hook-facts.ts';
import { missing } from './missing.ts';
import { type Phase, phases } from './phases.ts';
import { storedBlockers } from './stored-blockers.ts';
import { drainRetry, undo } from './undo-facts.ts';

const phaseOf = <const One extends Phase>(phase: One) => z.literal(phase).meta({ description: 'The phase.' });

const since = time('Since when it is in this phase.');
const deadline = time('When this phase fails.');
const by = principal;
const reason = text('The reason that was given with a decision.');

/** `other`: the node was cordoned before us, and stays cordoned. */
const cordon = choice(['us', 'other'], 'Who cordoned the node. A cordon of others stays.');
export type CordonOwner = Stored<typeof cordon>;

const pending = z.object({
  phase: phaseOf('Pending'),
  since,
  // Fewer than the pool requires.
  approvals,
  lapse: lapse.exactOptional(),
});
export type Pending = Stored<typeof pending>;

const snoozed = z.object({
  phase: phaseOf('Snoozed'),
  since,
  until: time('Until when it is snoozed.'),
  by,
  reason: reason.exactOptional(),
});
export type Snoozed = Stored<typeof snoozed>;

const denied = z.object({
  phase: phaseOf('Denied'),
  since,
  by,
  reason,
  riskDigest: text('What was denied. When riskDigest of the need changes, a new decision is requested.', 256),
});
export type Denied = Stored<typeof denied>;

const force = z
  .object({ by: principal, at: time('When it was forced.'), reason: text('The reason that was given.') })
  .meta({ description: 'A person forced the drain: it may violate budgets.' });
export type Force = Stored<typeof force>;

const approved = z.object({
  phase: phaseOf('Approved'),
  since,
  decision,
  // Set when the drain was undone.
  retry: drainRetry.exactOptional(),
  // The next drain may violate budgets: a person forced it after one was undone.
  force: force.exactOptional(),
  blockers: storedBlockers.exactOptional(),
  jobs: z
    .object({
      waited: millis('Milliseconds of the periods that are over.'),
      since: time('When the current period began.').exactOptional(),
    })
    .meta({ description: 'Time in which Jobs have blocked the start.' })
    .exactOptional(),
});
export type Approved = Stored<typeof approved>;

const running = { since, deadline, decision };

const draining = z.object({
  phase: phaseOf('Draining'),
  ...running,
  // Absent until the node is known to be cordoned.
  cordon: cordon.exactOptional(),
  drain: drainProgress.exactOptional(),
  drainDelay: delay.meta({ description: 'From the cordon to the first eviction.' }).exactOptional(),
  // From the first time the node was empty. The drain lists its pods again before the order.
  rebootDelay: delay
    .extend({ pods: count('Number of pods that had left the node.') })
    .meta({ description: 'From the empty node to the order.' })
    .exactOptional(),
  // From the time the node was empty. The drain lists its pods again after it.
  beforeHook: hookRun
    .extend({ pods: count('Number of pods that had left the node.') })
    .meta({ description: 'The hook between the empty node and the order.' })
    .exactOptional(),
  force: force.exactOptional(),
  undone: count('How often the drain was undone before this one. Absent: never.').exactOptional(),
});
export type Draining = Stored<typeof draining>;

/**
 * A drain that is being undone. Nothing was rebooted. After its clean-up the Reboot is `Approved` again, with
 * the same decision, and waits for its next try.
 */
const undoing = z.object({
  phase: phaseOf('Undoing'),
  since,
  decision,
  // Absent where the node is not known to be cordoned.
  cordon: cordon.exactOptional(),
  undo,
});
export type Undoing = Stored<typeof undoing>;

const rebooting = z.object({
  phase: phaseOf('Rebooting'),
  // Since when the order was decided. The order itself names the boot.
  ...running,
  cordon,
  drained: drainSummary,
  downSince: time('When the node was first observed not Ready after the order.').exactOptional(),
  trouble: text('The answer of the agent to the order, unless it obeys.').exactOptional(),
});
export type Rebooting = Stored<typeof rebooting>;

const newBootId = text('The boot that the node came back with.', 256);
const kernel = text('Release of the kernel that it came back with.', 256);

const settling = z.object({
  phase: phaseOf('Settling'),
  // Since when the new boot was first observed.
  ...running,
  cordon,
  drained: drainSummary,
  orderedAt: time('When the order was given.'),
  newBootId,
  kernel,
  healthySince: time('Since when nothing has been missing.').exactOptional(),
  missing: list(missing, 'Conditions of the proof that are not met yet.', 20),
  // From the first proof of the node.
  afterHook: hookRun.meta({ description: 'The hook between the proof and the uncordon.' }).exactOptional(),
});
export type Settling = Stored<typeof settling>;

const succeeded = z.object({
  phase: phaseOf('Succeeded'),
  since,
  decision,
  cordon,
  newBootId,
  kernel,
  newerKernel: text('A newer kernel that is installed and not running.', 256).exactOptional(),
  pods: count('Number of pods that left the node.'),
  took: z
    .object({
      drain: millis('From the start to the empty node.'),
      boot: millis('From the order to the new boot.'),
      settle: millis('From the new boot to the proof.'),
      total: millis('From the start to the proof.'),
    })
    .meta({ description: 'Durations in milliseconds.' }),
});
export type Succeeded = Stored<typeof succeeded>;

const active = z
  .discriminatedUnion('phase', [draining, rebooting, settling])
  .meta({ description: 'The state that it failed in, from which a retry continues.' });
export type Active = Stored<typeof active>;

export const failureCodes = [
  'drain-refused',
  'drain-timeout',
  'drain-error',
  'uncordoned-by-other',
  'did-not-reboot',
  'did-not-come-back',
  'not-healthy',
  'still-required',
  'wrong-kernel',
  'rebooted-again',
  'hook-failed',
] as const;
const failureCode = choice(failureCodes, 'What kind of failure it is; docs/operations.md explains each.');
export type FailureCode = Stored<typeof failureCode>;

const failed = z.object({
  phase: phaseOf('Failed'),
  since,
  code: failureCode,
  sentence: text('The cause, in words.'),
  from: active,
});
export type Failed = Stored<typeof failed>;

/** A failed Reboot that a person has skipped. Its pool continues. */
const givenUp = z.object({
  phase: phaseOf('GivenUp'),
  since,
  by,
  code: failureCode,
  sentence: text('The cause, in words.'),
  from: active,
  failedAt: time('When it had failed.'),
  leaveCordoned: flag('The node stays cordoned: its boot is not proven, or it may still reboot.'),
});
export type GivenUp = Stored<typeof givenUp>;

const fromPhase = choice(phases, 'The phase before the end.');

const cancelled = z.object({
  phase: phaseOf('Cancelled'),
  since,
  by,
  reason: reason.exactOptional(),
  from: fromPhase,
});
export type Cancelled = Stored<typeof cancelled>;

const superseded = z.object({
  phase: phaseOf('Superseded'),
  since,
  why: choice(
    ['booted', 'node-gone', 'node-replaced', 'no-longer-required'],
    'Why it ended without a reboot by Tugboot.',
  ),
  from: fromPhase,
});
export type Superseded = Stored<typeof superseded>;

/** Unknown fields are dropped on reading. */
export const rebootState = z.discriminatedUnion('phase', [
  pending,
  snoozed,
  denied,
  approved,
  draining,
  undoing,
  rebooting,
  settling,
  succeeded,
  failed,
  givenUp,
  cancelled,
  superseded,
]);
export type RebootState = Stored<typeof rebootState>;

export type { Phase } from './phases.ts';
