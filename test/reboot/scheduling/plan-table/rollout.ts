/** A pool of twenty, a canary of one, half an hour to bake, then a tenth, a half, and the rest. */
import { hour, minute } from '../../../../src/reboot/time/time.ts';
import { type Actor, done, drains, fails, givenUp, idle, settles, waits } from './actors.ts';
import type { Row } from './row.ts';
import { settling } from '../../../fakes/states.ts';

const rollout = { canary: 1, bake: 30 * minute, batches: [10, 50, 100] };
const pool = { rollout };
const next = '6.8.0-49-generic';
const names = Array.from({ length: 20 }, (_, n) => `n${String(n + 1).padStart(2, '0')}`);
const halt = {
  code: 'rollout-halted',
  sentence:
    'The rollout is halted: Deployment shop/web has 1 of 2 pods ready; 2 were before n02 was rebooted.',
  clears: 'It goes on when it is as ready as before.',
} as const;
const list = (from: number, to: number): string => names.slice(from - 1, to).join(' ');

/** So many are done, the last of them so long ago; the rest waits. */
const stand = (count: number, ago: number): readonly Actor[] =>
  names.map((name, n) => (n < count ? done(name, { ago: ago + count - 1 - n, kernel: next }) : waits(name)));

/** All that wait from one on say the same. */
const waiting = (from: number, to = 20): Readonly<Record<string, string>> =>
  Object.fromEntries(names.slice(from - 1, to).map((name) => [name, 'rollout-waits']));

export const rollouts: readonly Row[] = [
  {
    it: 'begins with the canary, and says so to the others',
    pool,
    given: stand(0, 0),
    starts: 'n01',
    blocked: {
      ...waiting(2),
      n20: [
        {
          code: 'rollout-waits',
          says: 'The pool is at its canary, 1 node in all: 0 of 20 nodes of pool workers are done.',
          clears: 'It starts when those are done and have been well for 30 min.',
        },
      ],
    },
  },
  {
    it: 'starts nothing while the canary bakes, and says until when',
    pool,
    given: stand(1, 30 * minute - 1),
    blocked: {
      ...waiting(2),
      n02: [
        {
          code: 'rollout-waits',
          says: 'The pool has done its canary and watches it for 30 min: 1 of 20 nodes of pool workers are done.',
          clears: 'It starts when that time is over.',
          until: 1,
        },
      ],
    },
  },
  {
    it: 'goes on to a tenth when it has baked',
    pool,
    given: stand(1, 30 * minute),
    starts: 'n02',
    blocked: waiting(3),
  },
  { it: 'bakes the tenth as well', pool, given: stand(2, 30 * minute - 1), blocked: waiting(3) },
  {
    it: 'goes on to a half after the tenth',
    pool,
    given: stand(2, 30 * minute),
    starts: list(3, 10),
    blocked: {
      ...waiting(11),
      n11: [
        {
          code: 'rollout-waits',
          says: 'The pool is at batch 2 of its rollout, 10 nodes in all: 2 of 20 nodes of pool workers are done.',
        },
      ],
    },
  },
  {
    it: 'goes on within a batch without another bake',
    pool,
    given: [
      ...names.slice(0, 2).map((name) => done(name, { ago: hour, kernel: next })),
      ...names.slice(2, 9).map((name) => done(name, { ago: 0, kernel: next })),
      ...names.slice(9).map((name) => waits(name)),
    ],
    starts: 'n10',
    blocked: waiting(11),
  },
  { it: 'bakes the half', pool, given: stand(10, 30 * minute - 1), blocked: waiting(11) },
  { it: 'has no limit after the last batch', pool, given: stand(10, 30 * minute), starts: list(11, 20) },
  {
    it: 'rounds a batch up, and never lets a later one be smaller than the canary',
    pool: { rollout: { canary: 3, bake: hour, batches: [1, 30] } },
    given: names.slice(0, 11).map((name) => waits(name)),
    starts: list(1, 3),
    blocked: waiting(4, 11),
  },
  {
    it: 'rounds 30 % of eleven up to four',
    pool: { rollout: { canary: 1, bake: 0, batches: [30] } },
    given: [done('n01', { ago: 0 }), ...names.slice(1, 11).map((name) => waits(name))],
    starts: list(2, 4),
    blocked: waiting(5, 11),
  },
  {
    it: 'has no stages where the canary is the whole pool',
    pool: { rollout: { ...rollout, canary: 2 } },
    given: [waits('n01'), waits('n02')],
    starts: 'n01 n02',
  },
  {
    it: 'counts those under way: one canary is one, whether it drains or is watched',
    pool,
    given: [settles('n01', { kernel: next }), ...names.slice(1, 5).map((name) => waits(name))],
    blocked: waiting(2, 5),
  },
  {
    it: 'does not count a node of another rollout that is under way',
    pool,
    given: [drains('n01', { next: '6.8.0-111-generic' }), waits('n02'), idle('n03')],
    starts: 'n02',
  },
  {
    it: 'makes a rollout of each kernel',
    pool,
    given: [
      ...names.slice(0, 10).map((name) => done(name, { ago: hour, kernel: next })),
      waits('n11', { next: '6.8.0-111-generic' }),
      waits('n12', { next: '6.8.0-111-generic' }),
      waits('n13'),
      ...names.slice(13).map((name) => idle(name)),
    ],
    starts: 'n11 n13',
    blocked: { n12: 'rollout-waits' },
  },
  {
    it: 'makes a rollout of each set of risky packages, where no kernel is new',
    pool,
    given: [
      waits('n01', { next: null, risk: 'libc' }),
      waits('n02', { next: null, risk: 'libc' }),
      waits('n03', { next: null, risk: 'systemd' }),
    ],
    starts: 'n01 n03',
    blocked: { n02: 'rollout-waits' },
  },
  {
    it: 'counts a node that runs the kernel already as done, and never as the canary: nobody has seen its reboot',
    pool,
    given: [idle('n01', { kernel: next }), ...names.slice(1).map((name) => waits(name))],
    starts: 'n02',
    blocked: {
      ...waiting(3),
      n20: [
        {
          code: 'rollout-waits',
          says: 'The pool is at its canary, 1 node in all: 1 of 20 nodes of pool workers are done.',
        },
      ],
    },
  },
  {
    it: 'does not take a canary that failed for proof, though it runs the new kernel: it halts the pool',
    pool,
    given: [fails('n01', { kernel: next, from: settling() }), waits('n02')],
    blocked: { n02: 'rollout-waits pool-halted' },
  },
  {
    it: 'sends another canary when the first was given up',
    pool,
    given: [givenUp('n01', { ago: hour, kernel: next, from: settling() }), waits('n02'), waits('n03')],
    starts: 'n02',
    blocked: { n03: 'rollout-waits' },
  },
  {
    it: 'has stages for each pool apart',
    pools: { a: pool, b: pool },
    given: [
      drains('a1', { in: 'a' }),
      waits('a2', { in: 'a' }),
      waits('b1', { in: 'b' }),
      waits('b2', { in: 'b' }),
    ],
    starts: 'b1',
    blocked: { a2: 'rollout-waits', b2: 'rollout-waits' },
  },
  {
    it: 'takes turns and zones as ever inside a batch',
    pool: { ...pool, concurrency: 3, topology: { label: 'topology.kubernetes.io/zone', atOnce: 1 } },
    given: [
      ...names.slice(0, 2).map((name) => done(name, { ago: hour, kernel: next, zone: 'b' })),
      ...names.slice(2, 6).map((name) => waits(name, { zone: 'a' })),
      ...names.slice(6, 8).map((name) => waits(name, { zone: 'b' })),
      ...names.slice(8).map((name) => idle(name)),
    ],
    starts: 'n07 n08',
    blocked: { n03: 'zone-busy', n04: 'zone-busy', n05: 'zone-busy', n06: 'zone-busy' },
  },
  {
    it: 'gives the canary to the first that may start, in the order of all',
    pool,
    given: [waits('n01', { asked: 9 * hour, paused: '' }), waits('n02', { asked: hour }), waits('n03')],
    starts: 'n02',
    blocked: { n01: 'paused', n03: 'rollout-waits' },
  },
  {
    it: 'is halted for all of it by what was found when one was about to start, and for nobody else',
    pool,
    given: [
      ...names.slice(0, 2).map((name) => done(name, { ago: hour, kernel: next })),
      waits('n03', { held: [halt] }),
      waits('n04'),
      waits('n05', { next: '6.8.0-111-generic' }),
      ...names.slice(5).map((name) => idle(name)),
    ],
    starts: 'n05',
    blocked: {
      n03: 'rollout-halted',
      n04: [{ code: 'rollout-halted', says: halt.sentence, clears: halt.clears }],
    },
  },
  {
    it: 'finishes the start of a canary that a crash came between',
    pool,
    given: [waits('n01', { turn: true }), waits('n02')],
    starts: 'n01',
    blocked: { n02: 'rollout-waits' },
  },
];
