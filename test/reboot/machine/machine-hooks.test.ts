import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { effectsOf } from '../../../src/reboot/effects/effects.ts';
import { noHooks, pendingHook } from '../../../src/reboot/deadlines/hook-waits.ts';
import type { WebhookHook } from '../../../src/reboot/policy/pool-hooks.ts';
import type { Reboot } from '../../../src/reboot/state/reboot.ts';
import { minute, second, toInstant } from '../../../src/reboot/time/time.ts';
import type { RebootEvent } from '../../../src/reboot/machine/events/events.ts';
import { transition } from '../../../src/reboot/machine/transition.ts';
import { wakeAt } from '../../../src/reboot/deadlines/next-wake.ts';
import { aDecision, aNeed, aNode, aPool, aReport, at, mia, noon } from '../../fakes/builders.ts';
import { inState } from '../../fakes/states.ts';
import { runsOf } from '../../property-runs.ts';

const hook: WebhookHook = {
  access: { url: 'https://hooks.example.com', headers: {} },
  timeout: minute,
  onFailure: 'fail',
};
const pool = aPool({
  hooks: { ...noHooks, rebootDelay: 5 * second, before: hook, after: hook },
  settleTime: 20 * second,
});
const approved = inState({ phase: 'Approved', since: at(0), decision: aDecision() });

const seen = (bootId: string, node: { unschedulable?: boolean; ready?: boolean } = {}): RebootEvent => ({
  type: 'observed',
  observation: {
    node: aNode({
      unschedulable: true,
      ...node,
      bootId,
      ...(bootId === 'boot-1' ? {} : { kernel: '6.8.0-49-generic' }),
    }),
    agent: { node: 'worker-03', report: aReport({ bootId, required: bootId === 'boot-1' ? 'yes' : 'no' }) },
    daemonPodsNotReady: [],
  },
  ...(bootId === 'boot-1' ? { need: aNeed() } : {}),
});

/** Answers are of the hook that is asked, or of one that was asked before. */
type Choice = RebootEvent | 'yes' | 'not yet' | 'no' | 'a late yes' | 'look';
const choice: fc.Arbitrary<Choice> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom<Choice>('look', { type: 'drained', pods: 3 }) },
  { weight: 4, arbitrary: fc.constantFrom<Choice>('yes', 'not yet') },
  { weight: 2, arbitrary: fc.constant<Choice>({ type: 'cordoned', owner: 'us' }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Choice>(
      'no',
      'a late yes',
      seen('boot-1'),
      seen('boot-2', { ready: false }),
      seen('boot-1', { unschedulable: false }),
      { type: 'turn-taken' },
      { type: 'forced', by: mia, reason: 'x' },
      { type: 'retried', by: mia },
      { type: 'cleaned-up' },
    ),
  },
);
const steps = fc.array(fc.tuple(choice, fc.integer({ min: 0, max: 25 * second })), {
  maxLength: 60,
  size: 'max',
});

interface Moment {
  readonly before: Reboot;
  readonly after: Reboot;
  readonly event: RebootEvent;
  readonly now: number;
}

function eventOf(chosen: Choice, { state }: Reboot): RebootEvent | undefined {
  if (typeof chosen !== 'string') return chosen;
  if (chosen === 'look')
    return seen(state.phase === 'Rebooting' || state.phase === 'Settling' ? 'boot-2' : 'boot-1');
  const asked = pendingHook(state);
  if (asked === undefined) return undefined;
  const by = { type: 'hook-answered', step: asked.step } as const;
  if (chosen === 'a late yes') return { ...by, since: at(-minute), answer: { kind: 'done' } };
  const since = asked.run.since;
  if (chosen === 'yes') return { ...by, since, answer: { kind: 'done' } };
  return { ...by, since, answer: { kind: chosen === 'no' ? 'failed' : 'wait', said: `says ${chosen}` } };
}

function moments(choices: readonly (readonly [Choice, number])[]): readonly Moment[] {
  const met: Moment[] = [];
  let reboot: Reboot = approved;
  let now = noon;
  for (const [chosen, passed] of [['start', 0] as const, ...choices]) {
    now += passed;
    const event = chosen === 'start' ? ({ type: 'turn-taken' } as const) : eventOf(chosen, reboot);
    if (event === undefined) continue;
    const step = transition(reboot, event, { pool, now });
    if (!step.ok) continue;
    met.push({ before: reboot, after: step.reboot, event, now });
    reboot = step.reboot;
  }
  return met;
}

const runs = { numRuns: runsOf(1000) };
const always = (holds: (all: readonly Moment[]) => void): void =>
  fc.assert(
    fc.property(steps, (choices) => holds(moments(choices))),
    runs,
  );
const kinds = (reboot: Reboot): readonly string[] => effectsOf(reboot).map(({ name }) => name);
const isYes = ({ event }: Moment, step: string): boolean =>
  event.type === 'hook-answered' && event.step === step && event.answer.kind === 'done';

describe('the hooks of a pool, whatever happens', () => {
  it('no order is owed without a yes in this very drain, and a look at the node after it', () => {
    let orders = 0;
    always((all) => {
      for (const [nth, { before, after }] of all.entries()) {
        if (after.state.phase !== 'Rebooting' || before.state.phase === 'Rebooting') continue;
        orders += 1;
        const { since } = before.state;
        const drain = all.slice(0, nth).filter((moment) => moment.after.state.since === since);
        const yes = drain.findLastIndex((moment) => isYes(moment, 'before'));
        expect(yes).toBeGreaterThanOrEqual(0);
        expect(kinds(before)).toContain('drain');
        expect(all[nth]?.event.type).toBe('drained');
      }
    });
    expect(orders).toBeGreaterThan(runs.numRuns / 20);
  });

  it('no success without a yes, asked of a node that was healthy', () => {
    const met = { successes: 0, asked: 0 };
    always((all) => {
      for (const [nth, { before, after }] of all.entries()) {
        if (before.state.phase === 'Settling' && kinds(before).includes('ask-hook')) {
          met.asked += 1;
          expect(before.state.healthySince).toBeDefined();
          expect(before.state.missing).toEqual([]);
        }
        if (after.state.phase !== 'Succeeded' || before.state.phase === 'Succeeded') continue;
        met.successes += 1;
        expect(all.slice(0, nth).some((moment) => isYes(moment, 'after'))).toBe(true);
      }
    });
    expect(met.asked).toBeGreaterThan(runs.numRuns / 20);
    expect(met.successes).toBeGreaterThan(runs.numRuns / 100);
  });

  it('nothing is evicted while one is asked, and it is asked again, and at the end of its time', () => {
    let waits = 0;
    always((all) => {
      for (const { after, now } of all) {
        const asked = pendingHook(after.state);
        if (asked === undefined) continue;
        waits += 1;
        expect(kinds(after)).toContain('ask-hook');
        expect(kinds(after)).not.toContain('drain');
        const wake = wakeAt(after, pool, now) ?? Number.POSITIVE_INFINITY;
        expect(wake).toBeGreaterThanOrEqual(now);
        expect(wake).toBeLessThanOrEqual(now + 15 * second);
        const until = toInstant(asked.run.until);
        if (now < until) expect(wake).toBeLessThanOrEqual(until);
      }
    });
    expect(waits).toBeGreaterThan(runs.numRuns / 4);
  });

  it('one that fails is told, and neither orders nor uncordons', () => {
    let failures = 0;
    always((all) => {
      for (const { before, after, event, now } of all) {
        if (after.state.phase !== 'Failed' || after.state.code !== 'hook-failed') continue;
        expect(kinds(after)).not.toContain('order');
        expect(kinds(after)).not.toContain('uncordon');
        if (before.state.phase === 'Failed') continue;
        failures += 1;
        const asked = pendingHook(before.state);
        const said = event.type === 'hook-answered' ? event.answer.kind : undefined;
        expect(said === 'failed' || (said === 'wait' && now >= toInstant(asked?.run.until ?? ''))).toBe(true);
        expect(after.state.sentence).toMatch(/^The hook (before|after) the reboot says no/);
      }
    });
    expect(failures).toBeGreaterThan(runs.numRuns / 20);
  });
});
