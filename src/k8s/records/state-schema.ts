import { z } from 'zod';
import type { Blocker, BlockerCode } from '../../reboot/scheduling/blockers.ts';
import type { Active, Phase, RebootState } from '../../reboot/state/reboot.ts';
import type { Approval, Decision, Principal } from '../../reboot/state/decision.ts';
import type { BudgetBlock, DrainProgress } from '../../reboot/state/drain-facts.ts';
import type { MissingCode } from '../../reboot/state/missing.ts';
import { timestamp } from './timestamp.ts';

const text = z.string();
const count = z.int().min(0);
const millis = z.number().min(0);

export const principal: z.ZodType<Principal> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('user'), id: text, name: text }),
  z.object({ kind: z.literal('window'), pool: text, window: text }),
  z.object({ kind: z.literal('rule'), pool: text }),
  z.object({ kind: z.literal('kubernetes'), name: text }),
]);

const mode = z.enum(['now', 'window']);
const approval: z.ZodType<Approval> = z.object({
  by: principal,
  at: timestamp,
  mode,
  digest: text,
  riskDigest: text,
});
const decision: z.ZodType<Decision> = z.object({
  mode,
  at: timestamp,
  digest: text,
  riskDigest: text,
  approvals: z.array(approval),
  couldStart: timestamp.exactOptional(),
});

export const budgetBlock: z.ZodType<BudgetBlock> = z.object({
  budget: text,
  needed: count,
  healthy: count,
  // The disruption controller can write a negative number (seen).
  allowed: z.int(),
  pod: text,
  since: timestamp.exactOptional(),
  kind: z.enum(['now', 'never']).exactOptional(),
  written: text.exactOptional(),
  expected: count.exactOptional(),
  unhealthy: z.boolean().exactOptional(),
});

const progress: z.ZodType<DrainProgress> = z.object({
  at: timestamp,
  total: count,
  gone: count,
  wentAt: timestamp.exactOptional(),
  leaving: z.array(text),
  waiting: z.array(budgetBlock),
  trouble: z.array(text),
  kept: z
    .array(
      z.object({
        pod: text,
        uid: text,
        why: z.enum(['tolerates', 'named', 'again']),
        of: text.exactOptional(),
      }),
    )
    .exactOptional(),
});

const undo = {
  why: z.enum(['timeout', 'refused', 'error', 'window-closed', 'stuck', 'deadlock']),
  cause: text,
  times: count,
  pods: z.array(text),
  budgets: z.array(text),
  needsPerson: z.enum(['tried-enough', 'cannot-succeed', 'forced']).exactOptional(),
};

/** Unknown codes of other versions are kept: the sentence explains them. */
const blocker: z.ZodType<Blocker> = z.object({
  code: z.string().transform((code) => code as BlockerCode),
  sentence: text,
  clears: text,
});

const cordon = z.enum(['us', 'other']);
const drained = z.object({ startedAt: timestamp, endedAt: timestamp, pods: count });
const since = { since: timestamp };
const delay = { ...since, until: timestamp, over: z.boolean() };
const hookRun = {
  ...since,
  until: timestamp,
  askedAt: timestamp.exactOptional(),
  said: text.exactOptional(),
  endedAt: timestamp.exactOptional(),
};
const running = { ...since, deadline: timestamp, decision };

const force = z.object({ by: principal, at: timestamp, reason: text });
const goesDown = z.object({ ...since, until: timestamp, overdue: z.boolean() }).exactOptional();
const cleanUp = {
  tidied: z.boolean(),
  staysCordoned: z.enum(['not-ours', 'another-boot', 'goes-down']).exactOptional(),
  goesDown,
};

const draining = z.object({
  phase: z.literal('Draining'),
  ...running,
  cordon: cordon.exactOptional(),
  drain: progress.exactOptional(),
  drainDelay: z.object(delay).exactOptional(),
  rebootDelay: z.object({ ...delay, pods: count }).exactOptional(),
  beforeHook: z.object({ ...hookRun, pods: count }).exactOptional(),
  force: force.exactOptional(),
  undone: count.exactOptional(),
});
const undoing = z.object({
  phase: z.literal('Undoing'),
  ...since,
  decision,
  cordon: cordon.exactOptional(),
  undo: z.object(undo),
  goesDown,
});
const rebooting = z.object({
  phase: z.literal('Rebooting'),
  ...running,
  cordon,
  drained,
  downSince: timestamp.exactOptional(),
  trouble: text.exactOptional(),
});
const settling = z.object({
  phase: z.literal('Settling'),
  ...running,
  cordon,
  drained,
  orderedAt: timestamp,
  newBootId: text,
  kernel: text,
  healthySince: timestamp.exactOptional(),
  afterHook: z.object(hookRun).exactOptional(),
  // As with blockers, unknown codes are kept: they count as missing until the next check of the node.
  missing: z.array(
    z.object({
      code: z.string().transform((code) => code as MissingCode),
      sentence: text,
    }),
  ),
});
const active: z.ZodType<Active> = z.discriminatedUnion('phase', [draining, rebooting, settling]);

const phases = [
  'Pending',
  'Snoozed',
  'Denied',
  'Approved',
  'Draining',
  'Undoing',
  'Rebooting',
  'Settling',
  'Succeeded',
  'Failed',
  'Cancelled',
  'Superseded',
] as const satisfies readonly Phase[];
const phase: z.ZodType<Phase> = z.enum(phases);

const failureCode = z.enum([
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
]);

/** Each phase with the facts that are true in it. Unknown fields are dropped on reading. */
export const stateSchema: z.ZodType<RebootState> = z.discriminatedUnion('phase', [
  z.object({
    phase: z.literal('Pending'),
    ...since,
    approvals: z.array(approval),
    lapse: z
      .object({
        at: timestamp,
        why: z.enum(['expired', 'moved']).exactOptional(),
        fromPool: text.exactOptional(),
        added: z.array(text),
        removed: z.array(text),
        before: decision.exactOptional(),
      })
      .exactOptional(),
  }),
  z.object({
    phase: z.literal('Snoozed'),
    ...since,
    until: timestamp,
    by: principal,
    reason: text.exactOptional(),
  }),
  z.object({ phase: z.literal('Denied'), ...since, by: principal, reason: text, riskDigest: text }),
  z.object({
    phase: z.literal('Approved'),
    ...since,
    decision,
    retry: z.object({ ...undo, at: timestamp, notBefore: timestamp.exactOptional() }).exactOptional(),
    force: force.exactOptional(),
    held: z
      .object({ at: timestamp, blockers: z.array(blocker), cleared: timestamp.exactOptional() })
      .exactOptional(),
    jobs: z.object({ waited: millis, since: timestamp.exactOptional() }).exactOptional(),
    waits: z.object({ at: timestamp, blockers: z.array(blocker) }).exactOptional(),
  }),
  draining,
  undoing,
  rebooting,
  settling,
  z.object({
    phase: z.literal('Succeeded'),
    ...since,
    decision,
    cordon,
    newBootId: text,
    kernel: text,
    newerKernel: text.exactOptional(),
    pods: count,
    took: z.object({ drain: millis, boot: millis, settle: millis, total: millis }),
    ...cleanUp,
  }),
  z.object({
    phase: z.literal('Failed'),
    ...since,
    code: failureCode,
    sentence: text,
    from: active,
    givenUp: z.object({ by: principal, at: timestamp, leaveCordoned: z.boolean() }).exactOptional(),
    ...cleanUp,
  }),
  z.object({
    phase: z.literal('Cancelled'),
    ...since,
    by: principal,
    reason: text.exactOptional(),
    from: phase,
    ...cleanUp,
  }),
  z.object({
    phase: z.literal('Superseded'),
    ...since,
    why: z.enum(['booted', 'node-gone', 'node-replaced', 'no-longer-required']),
    from: phase,
    ...cleanUp,
  }),
]);
