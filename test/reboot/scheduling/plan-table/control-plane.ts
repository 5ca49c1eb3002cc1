import { day, hour, minute } from '../../../../src/reboot/time/time.ts';
import { at, aWindow } from '../../../fakes/builders.ts';
import {
  asks,
  boots,
  cancelled,
  done,
  drains,
  fails,
  idle,
  nodeless,
  rule,
  settles,
  snoozed,
  undoes,
  waits,
} from './actors.ts';
import type { Row } from './row.ts';

const pools = { workers: {}, cp: {} };
const cp = (name: string, traits: Parameters<typeof waits>[1] = {}) =>
  waits(name, { in: 'cp', cp: true, ...traits });
const worker = { in: 'workers' };
/** With a rule, and a window that is open at noon. */
const open = {
  approval: 'window',
  noticePeriod: 0,
  windows: [aWindow({ days: ['sun'], start: 660, length: 120, timeZone: 'UTC' })],
} as const;
const firing = { code: 'alerts-firing', sentence: 'Alert A is firing.', clears: 'It clears.' } as const;

const person = { times: 3, needsPerson: 'tried-enough' } as const;

/** What keeps a worker from its start, and keeps no control-plane node from its own. */
const harmless: readonly Row[] = [
  { it: 'that nobody has approved', given: [asks('w1', worker), cp('cp1')], starts: 'cp1' },
  {
    it: 'that its rule will approve after the notice',
    pools: { ...pools, workers: { ...open, noticePeriod: hour } },
    given: [asks('w1', { ...worker, shown: hour - 1 }), cp('cp1')],
    starts: 'cp1',
  },
  {
    it: 'that its rule would approve, were it not paused',
    pools: { ...pools, workers: open },
    given: [asks('w1', { ...worker, shown: hour, paused: '' }), cp('cp1')],
    starts: 'cp1',
  },
  { it: 'that is snoozed', given: [snoozed('w1', worker), cp('cp1')], starts: 'cp1' },
  { it: 'that is done', given: [done('w1', { ...worker, ago: minute }), cp('cp1')], starts: 'cp1' },
  { it: 'that failed', given: [fails('w1', worker), cp('cp1')], starts: 'cp1' },
  {
    it: 'that is paused',
    given: [waits('w1', { ...worker, paused: '' }), cp('cp1')],
    starts: 'cp1',
    blocked: { w1: 'paused' },
  },
  {
    it: 'whose window is closed',
    pools: { ...pools, workers: { windows: [aWindow()] } },
    given: [waits('w1', { ...worker, for: 'window' }), cp('cp1')],
    starts: 'cp1',
    blocked: { w1: 'outside-window' },
  },
  {
    it: 'that would outlast its window',
    pools: {
      ...pools,
      workers: { windows: [aWindow({ days: ['sun'], start: 660, length: 120, timeZone: 'UTC' })] },
    },
    given: [
      waits('w1', { ...worker, for: 'window' }),
      done('w2', { ...worker, ago: day, took: 2 * hour }),
      cp('cp1'),
    ],
    starts: 'cp1',
    blocked: { w1: 'would-not-finish' },
  },
  {
    it: 'that is in a reboot loop',
    pools: { ...pools, workers: { loopGuard: hour, approval: 'auto' } },
    given: [
      done('w1', { ...worker, ago: 2 * minute, bootId: 'boot-1' }),
      waits('w1', { ...worker, by: [rule] }),
      cp('cp1'),
    ],
    starts: 'cp1',
    blocked: { w1: 'reboot-loop' },
  },
  {
    it: 'whose rule was withdrawn',
    given: [waits('w1', { ...worker, by: [rule] }), cp('cp1')],
    starts: 'cp1',
    blocked: { w1: 'rule-withdrawn' },
  },
  {
    it: 'whose pool is halted',
    given: [fails('w1', worker), waits('w2', worker), cp('cp1')],
    starts: 'cp1',
    blocked: { w2: 'pool-halted' },
  },
  {
    it: 'that the outside holds back',
    given: [waits('w1', { ...worker, held: [firing] }), cp('cp1')],
    starts: 'cp1',
    blocked: { w1: 'alerts-firing' },
  },
  {
    it: 'whose pool is gone',
    given: [waits('w1', { pool: 'old' }), cp('cp1')],
    starts: 'cp1',
    blocked: { w1: 'unknown-pool' },
  },
  {
    it: 'that belongs to another pool by now',
    given: [waits('w1', { in: 'cp', pool: 'workers' }), cp('cp1')],
    starts: 'cp1',
    blocked: { w1: 'unknown-pool' },
  },
  {
    it: 'that waits for days between two reboots of one node',
    pools: { ...pools, workers: { minTimeBetween: { pool: 0, node: 7 * day } } },
    given: [done('w1', { ...worker, ago: minute, bootId: 'boot-1' }), waits('w1', worker), cp('cp1')],
    starts: 'cp1',
    blocked: { w1: 'too-soon' },
  },
  {
    it: 'that waits for days between two reboots of its pool',
    pools: { ...pools, workers: { minTimeBetween: { pool: 2 * day, node: 0 } } },
    given: [done('w2', { ...worker, ago: minute }), waits('w1', worker), cp('cp1')],
    starts: 'cp1',
    blocked: { w1: 'too-soon' },
  },
  {
    it: 'whose rollout is watched for a day',
    pools: { ...pools, workers: { rollout: { canary: 1, bake: day, batches: [50, 100] } } },
    given: [
      waits('w1', worker),
      done('w2', { ...worker, ago: hour, kernel: '6.8.0-49-generic' }),
      idle('w3', worker),
      cp('cp1'),
    ],
    starts: 'cp1',
    blocked: { w1: 'rollout-waits' },
  },
  ...(['cordoned by somebody else', 'not Ready'] as const).map((what): Row => ({
    it: `whose room is taken by a node that is ${what}`,
    pools: { ...pools, workers: { maxUnavailable: { count: 1 } } },
    given: [
      waits('w1', worker),
      idle('w2', { ...worker, ...(what === 'not Ready' ? { ready: false } : { cordoned: true }) }),
      cp('cp1'),
    ],
    starts: 'cp1',
    blocked: { w1: 'too-many-out' },
  })),
  {
    it: 'whose node is not Ready, which a rule does not begin with',
    pools: { ...pools, workers: { approval: 'auto' } },
    given: [waits('w1', { ...worker, ready: false, by: [rule] }), cp('cp1')],
    starts: 'cp1',
    blocked: { w1: 'node-not-ready' },
  },
  {
    it: 'that rests, since its drain was undone',
    given: [waits('w1', { ...worker, undone: { notBefore: at(5 * minute) } }), cp('cp1')],
    starts: 'cp1',
    blocked: { w1: 'drain-undone' },
  },
  {
    it: 'whose drain a person has to decide about',
    given: [waits('w1', { ...worker, undone: person }), cp('cp1')],
    starts: 'cp1',
    blocked: { w1: 'drain-needs-person' },
  },
  {
    it: 'whose node nobody has heard of',
    given: [nodeless(waits('w1', worker)), cp('cp1')],
    starts: 'cp1',
    blocked: { w1: 'stale-view' },
  },
];

export const controlPlane: readonly Row[] = [
  {
    it: 'starts control-plane nodes after workers, however long they have waited',
    pools,
    given: [cp('cp1', { asked: 9 * day }), waits('w1', worker)],
    starts: 'w1',
    blocked: {
      cp1: [
        {
          code: 'control-plane-last',
          says: 'Control-plane nodes go after workers, and w1 is approved and waits for its start.',
          clears: 'It starts when no worker is under way or about to start.',
        },
      ],
    },
  },
  ...(
    [
      ['drains', drains('w1', worker), 'w1 is draining.'],
      ['is being put back', undoes('w1', worker), 'w1 is being put back, its drain undone.'],
      ['boots', boots('w1', worker), 'w1 is rebooting.'],
      ['settles', settles('w1', worker), 'w1 is back and being watched.'],
    ] as const
  ).map(([what, actor, words]): Row => ({
    it: `keeps the control plane waiting while a worker ${what}`,
    pools,
    given: [actor, cp('cp1')],
    blocked: {
      cp1: [{ code: 'control-plane-last', says: `Control-plane nodes go after workers, and ${words}` }],
    },
  })),
  {
    it: 'keeps it waiting for a worker that waits for nothing but a turn, and room that turns take',
    pools: { ...pools, workers: { concurrency: 1, maxUnavailable: { count: 1 } } },
    given: [waits('w1', worker), waits('w2', { ...worker, held: [firing], turn: true }), cp('cp1')],
    blocked: { w1: 'turn-taken too-many-out', w2: 'alerts-firing', cp1: 'control-plane-last' },
  },
  {
    it: 'keeps it waiting for a worker whose room is taken by a node that is about to be uncordoned by us',
    pools: { ...pools, workers: { concurrency: 2, maxUnavailable: { count: 1 } } },
    given: [
      cancelled('w1', { ...worker, ago: 0, from: 'Draining', cordoned: true, turn: true }),
      waits('w2', worker),
      cp('cp1'),
    ],
    blocked: { w2: 'too-many-out', cp1: 'control-plane-last' },
  },
  {
    it: 'keeps it waiting for a worker whose rollout is watched for no longer than an hour',
    pools: { ...pools, workers: { rollout: { canary: 1, bake: hour, batches: [50, 100] } } },
    given: [
      waits('w1', worker),
      done('w2', { ...worker, ago: 0, kernel: '6.8.0-49-generic' }),
      idle('w3', worker),
      cp('cp1'),
    ],
    blocked: { w1: 'rollout-waits', cp1: 'control-plane-last' },
  },
  {
    it: 'keeps it waiting for a worker that is spaced from the last one',
    pools: { ...pools, workers: { minTimeBetween: { pool: hour, node: 0 } } },
    given: [waits('w1', worker), done('w2', { ...worker, ago: minute }), cp('cp1')],
    blocked: { w1: 'too-soon', cp1: 'control-plane-last' },
  },
  {
    it: 'keeps it waiting for a worker that its rule approves at this moment, though the control plane was approved first',
    pools: { ...pools, workers: { ...open, noticePeriod: hour } },
    given: [asks('w1', { ...worker, shown: hour }), cp('cp1')],
    blocked: { cp1: 'control-plane-last' },
  },
  ...harmless.map((row): Row => ({
    pools,
    ...row,
    it: `does not keep the control plane waiting for a worker ${row.it}`,
  })),
  {
    it: 'reboots one control-plane node at a time, across pools',
    pools: { cp: {}, etcd: {} },
    given: [drains('cp1', { in: 'cp', cp: true }), waits('etcd1', { in: 'etcd', cp: true })],
    blocked: {
      etcd1: [
        {
          code: 'control-plane-busy',
          says: 'cp1 has the one turn of the control plane; it is draining.',
          clears: 'It starts when a turn is free.',
        },
      ],
    },
  },
  {
    it: 'starts one of two control-plane nodes, the older need first',
    given: [waits('cp1', { cp: true }), waits('cp2', { cp: true, asked: day })],
    starts: 'cp2',
    blocked: {
      cp1: [
        { code: 'control-plane-busy', says: 'cp2 has the one turn of the control plane; it goes first.' },
      ],
    },
  },
  {
    it: 'counts a control-plane node that failed, until somebody decides',
    pools: { cp: {}, etcd: {} },
    given: [fails('cp1', { in: 'cp', cp: true }), waits('etcd1', { in: 'etcd', cp: true })],
    blocked: {
      etcd1: [{ code: 'control-plane-busy', says: 'cp1 has the one turn of the control plane; it failed.' }],
    },
  },
  {
    it: 'lets workers go on while a control-plane node is under way',
    pools,
    given: [boots('cp1', { in: 'cp', cp: true }), waits('w1', worker)],
    starts: 'w1',
  },
  {
    it: 'finishes the start of a control-plane node that a crash came between, and starts no second one',
    given: [waits('cp1', { cp: true }), waits('cp2', { cp: true, turn: true, asked: day })],
    starts: 'cp2',
    blocked: { cp1: 'control-plane-busy' },
  },
  {
    it: 'does not start a second one when its first was held back between turn and start, and the first is paused',
    given: [waits('cp1', { cp: true }), waits('cp2', { cp: true, turn: true, asked: day })],
    pauses: [{ scope: { kind: 'node', node: 'cp2' }, until: at(hour) }],
    blocked: { cp1: 'control-plane-busy', cp2: 'paused' },
  },
  {
    it: 'counts control-plane nodes that are out by whosever hand',
    pool: { maxUnavailable: { count: 1 } },
    given: [waits('cp1', { cp: true }), idle('cp2', { cp: true, ready: false }), idle('cp3', { cp: true })],
    blocked: { cp1: 'too-many-out' },
  },
];
