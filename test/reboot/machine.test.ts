import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Phase, Reboot, RebootState } from '../../src/reboot/reboot.ts';
import { hour, minute, second } from '../../src/reboot/time.ts';
import type { RebootEvent } from '../../src/reboot/transition/events.ts';
import { transition } from '../../src/reboot/transition/transition.ts';
import { wakeAt } from '../../src/reboot/wake.ts';
import { aDecision, aNeed, aNode, aPool, aReport, at, lee, mia, noon, pending } from '../fakes/builders.ts';
import { anUndo, draining, failed, inState, rebooting, resting, settling, undoing } from '../fakes/states.ts';

const pool = aPool();

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
  failed({ from: settling(), code: 'not-healthy', tidied: false }),
  failed({ givenUp: { by: mia, at: at(0), leaveCordoned: false } }),
  {
    phase: 'Succeeded',
    since: at(0),
    decision: aDecision(),
    cordon: 'us',
    newBootId: 'boot-2',
    kernel: 'k',
    pods: 1,
    took: { drain: 1, boot: 1, settle: 1, total: 3 },
    tidied: true,
  },
  { phase: 'Cancelled', since: at(0), by: mia, from: 'Draining', tidied: true },
  { phase: 'Superseded', since: at(0), why: 'booted', from: 'Draining', tidied: true },
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
    { type: 'snoozed', by: mia, until: noon + minute },
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
    { type: 'tidied' },
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
const steps = fc.array(fc.tuple(anyEvent, fc.integer({ min: 0, max: 20 * minute })), { maxLength: 30 });

function history(
  start: RebootState,
  events: readonly (readonly [RebootEvent, number])[],
  each: (before: Reboot, after: Reboot, event: RebootEvent) => void,
): void {
  let reboot = inState(start);
  let now = noon;
  for (const [event, passed] of events) {
    now += passed;
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
    fc.assert(
      fc.property(anyState, steps, (state, events) => history(state, events, () => undefined)),
      { numRuns: 2000 },
    );
  });
  it('ends at most one boot, and only what was approved, drained and cordoned', () => {
    fc.assert(
      fc.property(steps, (events) =>
        history(pending, events, (before, next) => {
          if (next.state.phase === 'Rebooting' && before.state.phase !== 'Rebooting') {
            expect(['Draining', 'Failed']).toContain(before.state.phase);
            expect(next.state.decision.approvals.length).toBeGreaterThan(0);
            expect(next.state.drained).toBeDefined();
          }
          if (next.state.phase === 'Draining' && before.state.phase === 'Pending')
            throw new Error('drained without approval');
        }),
      ),
      { numRuns: 2000 },
    );
  });
  it('leaves an ended reboot alone', () => {
    const over = new Set<Phase>(['Succeeded', 'Superseded', 'Cancelled']);
    fc.assert(
      fc.property(anyState, steps, (state, events) =>
        history(state, events, (before, next, event) => {
          const asks =
            event.type === 'asked-again' ||
            event.type === 'observed' ||
            event.type === 'tidied' ||
            event.type === 'assessed';
          if (over.has(before.state.phase) && !asks) expect(next.state.phase).toBe(before.state.phase);
          if (before.state.phase === 'Succeeded') expect(next.state.phase).toBe('Succeeded');
        }),
      ),
      { numRuns: 1000 },
    );
  });
  it('gives every phase that waits for the node a deadline, and a wake-up by then', () => {
    fc.assert(
      fc.property(anyState, steps, (state, events) =>
        history(state, events, (_, { state: next }) => {
          if (!('deadline' in next)) return;
          const wake = wakeAt(inState(next), pool, Date.parse(next.since));
          expect(wake).toBeDefined();
          expect(wake).toBeLessThanOrEqual(Date.parse(next.deadline) + minute + 1);
        }),
      ),
    );
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
