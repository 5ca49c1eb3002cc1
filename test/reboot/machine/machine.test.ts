import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Phase, Reboot, RebootState } from '../../../src/reboot/state/reboot.ts';
import { hour, minute, second } from '../../../src/reboot/time/time.ts';
import type { RebootEvent } from '../../../src/reboot/machine/events/events.ts';
import { transition } from '../../../src/reboot/machine/transition.ts';
import { wakeAt } from '../../../src/reboot/deadlines/next-wake.ts';
import {
  aDecision,
  aNeed,
  aNode,
  aPool,
  aReport,
  at,
  lee,
  mia,
  noon,
  pending,
} from '../../fakes/builders.ts';
import {
  anUndo,
  draining,
  failed,
  givenUp,
  inState,
  owed,
  rebooting,
  resting,
  settling,
  undoing,
} from '../../fakes/states.ts';
import { runsOf } from '../../property-runs.ts';
import { owesCleanUp } from '../../../src/reboot/state/clean-up.ts';

const pool = aPool();
const runs = { numRuns: runsOf(500) };

// Whatever happens, in whatever order: any state can meet any event.
const anyState = fc.constantFrom<RebootState>(
  pending,
  { phase: 'Snoozed', since: at(0), until: at(minute), by: mia },
  { phase: 'Denied', since: at(0), by: mia, reason: 'x', riskDigest: 'aaaa' },
  { phase: 'Approved', since: at(0), decision: aDecision() },
  draining(),
  draining({ force: { by: mia, at: at(0), reason: 'x' } }),
  undoing(),
  undoing({ undo: anUndo({ needsPerson: 'cannot-succeed' }) }),
  resting(),
  rebooting(),
  settling(),
  failed(),
  failed({ from: rebooting(), code: 'did-not-come-back' }),
  failed({ from: settling(), code: 'not-healthy' }),
  givenUp(),
  {
    phase: 'Succeeded',
    since: at(0),
    decision: aDecision(),
    cordon: 'us',
    newBootId: 'boot-2',
    kernel: 'k',
    pods: 1,
    took: { drain: 1, boot: 1, settle: 1, total: 3 },
  },
  { phase: 'Cancelled', since: at(0), by: mia, from: 'Draining' },
  { phase: 'Superseded', since: at(0), why: 'booted', from: 'Draining' },
);
const anyNode = fc.record({
  uid: fc.constantFrom('uid-worker-03', 'other'),
  bootId: fc.constantFrom('boot-1', 'boot-2', 'boot-3'),
  ready: fc.boolean(),
  unschedulable: fc.boolean(),
  kernel: fc.constantFrom('6.8.0-45-generic', '6.8.0-49-generic'),
});
const anyObservation = fc.record({
  node: fc.option(anyNode, { nil: undefined }),
  bootId: fc.constantFrom('boot-1', 'boot-2'),
  required: fc.constantFrom('yes' as const, 'no' as const, 'unknown' as const),
  daemonPodsNotReady: fc.constantFrom([], [{ daemonSet: 'kube-system/cni', pod: 'kube-system/cni-x' }]),
});
const anyEvent: fc.Arbitrary<RebootEvent> = fc.oneof(
  fc.record({
    type: fc.constant('approved' as const),
    by: fc.constantFrom(mia, lee),
    mode: fc.constantFrom('now' as const, 'window' as const),
    digest: fc.constantFrom('4f1c', 'beef'),
  }),
  fc.constantFrom<RebootEvent>(
    { type: 'snoozed', by: mia, until: noon + 10 * hour },
    { type: 'denied', by: mia, reason: 'x' },
    { type: 'asked-again', by: mia },
    { type: 'cancelled', by: mia },
    { type: 'retried', by: mia },
    { type: 'skipped', by: mia },
    { type: 'forced', by: mia, reason: 'x' },
    { type: 'turn-taken' },
    { type: 'cordoned', owner: 'us' },
    {
      type: 'cordoned',
      owner: 'us',
      workloads: [{ kind: 'Deployment', namespace: 'shop', name: 'cart', ready: 3 }],
    },
    { type: 'accepted', by: mia, reason: 'as it is' },
    { type: 'drained', pods: 3 },
    { type: 'drain-failed', code: 'drain-error', sentence: 'x' },
    { type: 'undone', why: 'stuck' },
    { type: 'cleared', seenAt: noon + minute },
    { type: 'cleaned-up' },
  ),
  anyObservation.map(({ node, bootId, required, daemonPodsNotReady }): RebootEvent => ({
    type: 'observed',
    observation: {
      ...(node === undefined ? {} : { node: aNode(node) }),
      agent: { node: 'worker-03', report: aReport({ bootId, required }) },
      daemonPodsNotReady,
    },
    ...(required === 'yes' && bootId === 'boot-1' ? { need: aNeed() } : {}),
  })),
);
const phases = {
  Pending: true,
  Snoozed: true,
  Denied: true,
  Approved: true,
  Draining: true,
  Undoing: true,
  Rebooting: true,
  Settling: true,
  Succeeded: true,
  Failed: true,
  GivenUp: true,
  Cancelled: true,
  Superseded: true,
} satisfies Readonly<Record<Phase, true>>;

/**
 * What leads on from where a Reboot is: by chance alone none of thirty events gets one as far as its order.
 */
const onward = 'onward';
type Choice = RebootEvent | typeof onward;

const seenAt = (bootId: string): RebootEvent => ({
  type: 'observed',
  observation: {
    node: aNode({
      bootId,
      ready: true,
      unschedulable: true,
      ...(bootId === 'boot-1' ? {} : { kernel: '6.8.0-49-generic' }),
    }),
    agent: { node: 'worker-03', report: aReport({ bootId, required: bootId === 'boot-1' ? 'yes' : 'no' }) },
    daemonPodsNotReady: [],
  },
});

const anyChoice: fc.Arbitrary<Choice> = fc.oneof(
  { weight: 8, arbitrary: fc.constant<Choice>(onward) },
  // The node as it was, at a time when more may have been expected of it.
  { weight: 3, arbitrary: fc.constant<Choice>(seenAt('boot-1')) },
  { weight: 3, arbitrary: anyEvent },
);
const passing = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: minute }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: hour }) },
);
const steps = fc.array(fc.tuple(anyChoice, passing), { minLength: 10, maxLength: 40 });

function onwardFrom(reboot: Reboot): RebootEvent {
  const { state, need } = reboot;
  switch (state.phase) {
    case 'Pending':
    case 'Snoozed':
    case 'Denied':
      return { type: 'approved', by: mia, mode: 'now', digest: need.digest };
    case 'Approved':
      return { type: 'turn-taken' };
    case 'Draining':
      return state.cordon === undefined ? { type: 'cordoned', owner: 'us' } : { type: 'drained', pods: 3 };
    case 'Rebooting':
    case 'Settling':
      return seenAt('boot-2');
    case 'Failed':
      return owesCleanUp(reboot) ? { type: 'cleaned-up' } : { type: 'retried', by: mia };
    case 'GivenUp':
    case 'Undoing':
    case 'Succeeded':
    case 'Cancelled':
    case 'Superseded':
      return { type: 'cleaned-up' };
  }
}

function history(
  start: RebootState,
  choices: readonly (readonly [Choice, number])[],
  each: (before: Reboot, after: Reboot, event: RebootEvent) => void,
): void {
  // One kind of failure owes its clean-up, the others do not any more.
  const owes = start.phase === 'Failed' && start.from.phase === 'Settling';
  let reboot = inState(start, owes ? owed : {});
  let now = noon;
  for (const [choice, passed] of choices) {
    now += passed;
    const event = choice === onward ? onwardFrom(reboot) : choice;
    const step = transition(reboot, event, { pool, now });
    if (!step.ok) {
      expect(step.rejection.sentence).toMatch(/[.?]$/);
      continue;
    }
    each(reboot, step.reboot, event);
    reboot = step.reboot;
  }
}

describe('the machine, whatever happens', () => {
  it('is total: every event in every state has an answer', () => {
    const met = new Set<Phase>();
    fc.assert(
      fc.property(anyState, steps, (state, events) =>
        history(state, events, (_, next) => met.add(next.state.phase)),
      ),
      runs,
    );
    expect([...met].sort()).toEqual(Object.keys(phases).sort());
  });
  it('ends at most one boot, and only what was approved, drained and cordoned', () => {
    const met = { ordered: 0, booted: 0, again: 0 };
    fc.assert(
      fc.property(steps, (events) => {
        let isApproved = false;
        let isCordoned = false;
        let isDrained = false;
        let isBooted = false;
        let wasOrdered = false;
        history(pending, events, (before, next, event) => {
          if (event.type === 'approved') isApproved = true;
          if (event.type === 'cordoned') isCordoned = true;
          if (event.type === 'drained') isDrained = true;
          if (next.state.phase === 'Draining' && before.state.phase !== 'Draining') isDrained = false;
          if (next.state.phase === 'Settling' && before.state.phase === 'Rebooting') {
            isBooted = true;
            met.booted += 1;
          }
          if (next.state.phase !== 'Rebooting' || before.state.phase === 'Rebooting') return;
          if (wasOrdered) met.again += 1;
          else met.ordered += 1;
          wasOrdered = true;
          expect(before.state.phase).toBe('Draining');
          expect([isApproved, isCordoned, isDrained, isBooted]).toEqual([true, true, true, false]);
          expect(next.state.decision.approvals.length).toBeGreaterThan(0);
        });
      }),
      runs,
    );
    expect(met.ordered).toBeGreaterThan(runs.numRuns / 4);
    expect(met.booted).toBeGreaterThan(runs.numRuns / 8);
    // The same boot once more, after a failure: it had not ended.
    expect(met.again).toBeGreaterThan(runs.numRuns / 200);
  });
  it('leaves an ended reboot alone', () => {
    const over = new Set<Phase>(['Succeeded', 'Superseded', 'Cancelled']);
    let met = 0;
    fc.assert(
      fc.property(anyState, steps, (state, events) =>
        history(state, events, (before, next, event) => {
          const asks =
            event.type === 'asked-again' ||
            event.type === 'observed' ||
            event.type === 'cleaned-up' ||
            event.type === 'assessed';
          if (over.has(before.state.phase)) met += 1;
          if (over.has(before.state.phase) && !asks) expect(next.state.phase).toBe(before.state.phase);
          if (before.state.phase === 'Succeeded') expect(next.state.phase).toBe('Succeeded');
        }),
      ),
      runs,
    );
    expect(met).toBeGreaterThan(runs.numRuns);
  });
  it('gives every phase that waits for the node a deadline, and a wake-up by then', () => {
    let met = 0;
    fc.assert(
      fc.property(anyState, steps, (state, events) =>
        history(state, events, (_, { state: next }) => {
          if (!('deadline' in next)) return;
          met += 1;
          const wake = wakeAt(inState(next), pool, Date.parse(next.since));
          expect(wake).toBeDefined();
          expect(wake).toBeLessThanOrEqual(Date.parse(next.deadline) + minute + 1);
        }),
      ),
      runs,
    );
    expect(met).toBeGreaterThan(runs.numRuns);
  });
  it('is woken at the same times whatever wakes it in between, so that wake-ups do not pile up', () => {
    for (const state of [draining(), rebooting(), settling({ healthySince: at(-second) })]) {
      const asked = Array.from({ length: 200 }, (_, n) => wakeAt(inState(state), pool, noon + n * 100));
      expect(new Set(asked).size).toBeLessThanOrEqual(4);
    }
  });
  it('a drain by force that outlasts its deadline is looked at now and then, and not without pause', () => {
    const forced = inState(draining({ force: { by: mia, at: at(0), reason: 'x' }, deadline: at(-hour) }));
    expect(wakeAt(forced, pool, noon)).toBeGreaterThan(noon);
  });
  it('keeps its history bounded', () => {
    fc.assert(
      fc.property(
        anyState,
        fc.array(fc.tuple(anyEvent, fc.constant(1)), { minLength: 100, maxLength: 150 }),
        (state, events) =>
          history(state, events, (_, next) => expect(next.history.length).toBeLessThanOrEqual(50)),
      ),
      { numRuns: 50 },
    );
  });
});
