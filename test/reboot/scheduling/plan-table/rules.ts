import type { Blocker } from '../../../../src/reboot/scheduling/blockers/blockers.ts';
import { day, hour, minute } from '../../../../src/reboot/time/time.ts';
import { aWindow, at } from '../../../fakes/builders.ts';
import { done, drains, fails, idle, lee, mia, rule, waits, windowRule } from './actors.ts';
import type { Row } from './row.ts';

const auto = { approval: 'auto', loopGuard: 30 * minute } as const;
/** It booted into the boot that is to end now so long ago, and asked again right away. */
const bootedInto = (ago: number) => done('w1', { ago, bootId: 'boot-1' });
const again = { asked: 6 * minute, by: [rule] };

export const unwatched: readonly Row[] = [
  {
    it: 'are not begun while Slack is away, where the pool says so',
    pool: { startWithoutSlack: false },
    chatAway: 4 * minute,
    given: [waits('w1')],
    blocked: {
      w1: [
        {
          code: 'chat-away',
          says: 'Slack has not been reachable for 4 min, and pool workers starts nothing that nobody can watch.',
          clears: 'It starts when Slack is back. startWithoutSlack: true starts it all the same.',
        },
      ],
    },
  },
  {
    it: 'are begun while Slack is away, where the pool does not mind',
    chatAway: 4 * minute,
    given: [waits('w1')],
    starts: 'w1',
  },
  {
    it: 'are begun when Slack is there',
    pool: { startWithoutSlack: false },
    given: [waits('w1')],
    starts: 'w1',
  },
];

export const observed: readonly Row[] = [
  {
    it: 'are shown and not begun in a pool that is only observed, approved by a person or by a rule',
    pool: { ...auto, observeOnly: true },
    given: [waits('w1'), waits('w2', { by: [rule] })],
    blocked: {
      w1: [
        {
          code: 'observed-only',
          says: 'Pool workers is only observed: nothing of it is drained or rebooted.',
          clears: 'It starts when observeOnly is taken out of the configuration of the pool.',
        },
      ],
      w2: [{ code: 'observed-only' }],
    },
  },
];

export const loops: readonly Row[] = [
  {
    it: 'are ended: no rule starts a node that asks again within the guard of its last boot',
    pool: auto,
    given: [bootedInto(10 * minute), waits('w1', again)],
    blocked: {
      w1: [
        {
          code: 'reboot-loop',
          says: 'w1 asked again 4 min after its last reboot, so no rule may start it.',
          clears: 'Approve it on its card if it is to reboot again; else see what asks on that node.',
        },
      ],
    },
  },
  {
    it: 'are suspected to the last moment of the guard',
    pool: auto,
    given: [bootedInto(36 * minute - 1), waits('w1', again)],
    blocked: { w1: 'reboot-loop' },
  },
  {
    it: 'are not suspected when it took as long as the guard',
    pool: auto,
    given: [bootedInto(36 * minute), waits('w1', again)],
    starts: 'w1',
  },
  {
    it: 'are what a person may take on',
    pool: auto,
    given: [bootedInto(10 * minute), waits('w1', { ...again, by: [rule, mia] })],
    starts: 'w1',
  },
  {
    it: 'are what somebody with kubectl may take on',
    pool: auto,
    given: [bootedInto(10 * minute), waits('w1', { ...again, by: [{ kind: 'kubernetes', name: 'admin' }] })],
    starts: 'w1',
  },
  {
    it: 'are no matter to a pool without a guard',
    pool: { ...auto, loopGuard: 0 },
    given: [bootedInto(10 * minute), waits('w1', again)],
    starts: 'w1',
  },
  {
    it: 'are of one boot after the other: a boot that we did not bring about is none',
    pool: auto,
    given: [done('w1', { ago: 10 * minute, bootId: 'boot-0' }), waits('w1', again)],
    starts: 'w1',
  },
  {
    it: 'are suspected where the need seems older than the end of the last reboot: it never went away',
    pool: auto,
    given: [bootedInto(5 * minute), waits('w1', again)],
    blocked: {
      w1: [
        { code: 'reboot-loop', says: 'w1 asked again 0 s after its last reboot, so no rule may start it.' },
      ],
    },
  },
];

export const rules: readonly Row[] = [
  ...([rule, windowRule] as const).map((by): Row => ({
    it: `do not start what only they approved when the pool is manual by now: ${by.kind}`,
    given: [waits('w1', { by: [by] })],
    blocked: {
      w1: [
        {
          code: 'rule-withdrawn',
          says: 'Only a rule approved it, and pool workers has none any more.',
          clears: 'Approve it on its card, or cancel it there.',
        },
      ],
    },
  })),
  {
    it: 'start it where the pool has one',
    pool: { approval: 'auto' },
    given: [waits('w1', { by: [rule] })],
    starts: 'w1',
  },
  {
    it: 'start it where it has another one by now',
    pool: {
      approval: 'window',
      windows: [aWindow({ days: ['sun'], start: 660, length: 120, timeZone: 'UTC' })],
    },
    given: [waits('w1', { by: [rule] })],
    starts: 'w1',
  },
  {
    it: 'are of no interest where a person approved it too',
    given: [waits('w1', { by: [rule, mia] })],
    starts: 'w1',
  },
  {
    it: 'are of no interest to what two people approved',
    given: [waits('w1', { by: [mia, lee] })],
    starts: 'w1',
  },
];

const outsideSays = (code: Blocker['code']): Blocker => ({
  code,
  sentence: `What ${code} says.`,
  clears: 'It clears.',
});
const codes = [
  'pods-in-the-way',
  'pods-unhealthy',
  'jobs-running',
  'control-plane-unhealthy',
  'alerts-firing',
  'query-not-empty',
  'webhook-refused',
  'gate-unreachable',
] as const;

export const outside: readonly Row[] = [
  ...codes.map((code): Row => ({
    it: `is repeated in its own words: ${code}`,
    given: [waits('w1', { held: [outsideSays(code)] })],
    blocked: { w1: [{ code, says: `What ${code} says.`, clears: 'It clears.' }] },
  })),
  {
    it: 'keeps nobody else from a start: what is held back takes no turn',
    cluster: 1,
    pool: { concurrency: 1, maxUnavailable: { count: 1 } },
    given: [waits('w1', { asked: day, held: [outsideSays('alerts-firing')] }), waits('w2')],
    starts: 'w2',
    blocked: { w1: 'alerts-firing' },
  },
  {
    it: 'is told after all that the cluster itself says',
    pool: { concurrency: 1 },
    given: [
      drains('w2'),
      waits('w1', { held: [outsideSays('alerts-firing'), outsideSays('webhook-refused')] }),
    ],
    blocked: { w1: 'turn-taken alerts-firing webhook-refused' },
  },
];

export const together: readonly Row[] = [
  {
    it: 'are all told, in the order in which people should read them',
    cluster: 1,
    pool: {
      windows: [aWindow({ timeZone: 'UTC' })],
      approval: 'manual',
      loopGuard: day,
      minTimeBetween: { pool: day, node: day },
      rollout: { canary: 1, bake: hour, batches: [100] },
      concurrency: 1,
      maxUnavailable: { count: 1 },
    },
    given: [
      done('w1', { ago: hour, bootId: 'boot-1' }),
      waits('w1', {
        for: 'window',
        by: [rule],
        cp: true,
        paused: 'x',
        held: [outsideSays('alerts-firing')],
        next: '6.8.0-111-generic',
      }),
      fails('w2', { next: '6.8.0-111-generic' }),
      done('w3', { ago: minute }),
      drains('w4'),
      idle('w5', { ready: false }),
    ],
    pauses: [{ scope: { kind: 'cluster' }, until: at(hour) }],
    silent: hour,
    blocked: {
      w1: 'paused paused stale-view outside-window reboot-loop rule-withdrawn too-soon too-soon rollout-waits pool-halted control-plane-last turn-taken too-many-out alerts-firing',
    },
  },
];
