import { hour } from '../../../../src/reboot/time/time.ts';
import { asks, boots, drains, fails, givenUp, settles, waits } from './actors.ts';
import type { Row } from './row.ts';

export const concurrency: readonly Row[] = [
  {
    it: 'gives as many turns as the pool has, and tells the others who goes first',
    pool: { concurrency: 2 },
    given: [waits('w1'), waits('w2'), waits('w3')],
    starts: 'w1 w2',
    blocked: {
      w3: [
        {
          code: 'turn-taken',
          says: 'All 2 turns of pool workers are taken: w1 goes first, w2 goes first.',
          clears: 'It starts when a turn is free.',
        },
      ],
    },
  },
  {
    it: 'starts one more while one turn of the pool is left',
    pool: { concurrency: 3 },
    given: [drains('w1'), boots('w2'), waits('w3'), waits('w4')],
    starts: 'w3',
    blocked: {
      w4: [
        {
          code: 'turn-taken',
          says: 'All 3 turns of pool workers are taken: w1 is draining, w2 is rebooting, w3 goes first.',
        },
      ],
    },
  },
  {
    it: 'starts none when more turns are out than the pool has by now: its limit was lowered',
    pool: { concurrency: 1 },
    given: [drains('w1'), settles('w2'), waits('w3')],
    blocked: {
      w3: [
        {
          code: 'turn-taken',
          says: 'All 2 turns of pool workers are taken: w1 is draining, w2 is back and being watched.',
        },
      ],
    },
  },
  {
    it: 'names the one that has the one turn, and what it does',
    pool: { concurrency: 1 },
    given: [boots('w1'), waits('w2')],
    blocked: {
      w2: [{ code: 'turn-taken', says: 'w1 has the one turn of pool workers; it is rebooting.' }],
    },
  },
  {
    it: 'has turns for each pool apart',
    pools: { a: { concurrency: 1 }, b: { concurrency: 1 } },
    given: [drains('a1', { in: 'a' }), waits('a2', { in: 'a' }), waits('b1', { in: 'b' })],
    starts: 'b1',
    blocked: { a2: 'turn-taken' },
  },
  {
    it: 'gives no more turns than the cluster has, over all pools',
    cluster: 2,
    pools: { a: {}, b: {}, c: {} },
    given: [drains('a1', { in: 'a' }), waits('b1', { in: 'b' }), waits('c1', { in: 'c' })],
    starts: 'b1',
    blocked: {
      c1: [
        {
          code: 'cluster-turns-taken',
          says: 'All 2 turns of the cluster are taken: a1 is draining, b1 goes first.',
          clears: 'It starts when a turn is free.',
        },
      ],
    },
  },
  {
    it: 'says which turn is missing from the inside out: the pool before the cluster',
    cluster: 1,
    pool: { concurrency: 1 },
    given: [drains('w1'), waits('w2')],
    blocked: { w2: 'turn-taken' },
  },
  {
    it: 'finishes a start that a crash came between, and counts its turn once',
    cluster: 2,
    pool: { concurrency: 2, maxUnavailable: { count: 2 } },
    given: [waits('w1', { turn: true }), waits('w2'), waits('w3')],
    starts: 'w1 w2',
    blocked: { w3: 'turn-taken too-many-out' },
  },
  {
    it: 'leaves a node alone whose last boot is still being watched, though there are turns',
    given: [settles('w1', { bootId: 'boot-2' }), waits('w1', { cordoned: true, bootId: 'boot-2' })],
    blocked: {
      w1: [
        { code: 'turn-taken', says: 'w1 has the one turn of pool workers; it is back and being watched.' },
      ],
    },
  },
  {
    it: 'counts a turn that one of the nodes took when the pool had another name, as the ledger will',
    pool: { concurrency: 1 },
    given: [drains('w1', { pool: 'before' }), waits('w2')],
    blocked: {
      w2: [{ code: 'turn-taken', says: 'w1 has the one turn of pool workers; it is draining.' }],
    },
  },
  {
    it: 'does not count a Reboot that waits for a decision',
    pool: { concurrency: 1, maxUnavailable: { count: 1 } },
    given: [asks('w1'), waits('w2')],
    starts: 'w2',
  },
];

export const failures: readonly Row[] = [
  {
    it: 'halts a pool on a failure that nobody has decided on, and no other pool',
    pools: { a: {}, b: {} },
    given: [fails('a1', { in: 'a' }), waits('a2', { in: 'a' }), waits('b1', { in: 'b' })],
    starts: 'b1',
    blocked: {
      a2: [
        {
          code: 'pool-halted',
          says: 'The reboot of a1 failed, which halts pool a.',
          clears: 'Retry or skip a1.',
        },
      ],
    },
  },
  ...[
    [fails('w1'), fails('w2')],
    [fails('w2'), fails('w1')],
  ].map((failures, nth): Row => ({
    it: `names the same one of two wherever it is planned (${nth + 1})`,
    given: [...failures, waits('w3')],
    blocked: {
      w3: [{ code: 'pool-halted', says: 'The reboot of w1 failed, which halts pool workers.' }],
    },
  })),
  {
    it: 'goes on when the failed one was given up',
    given: [givenUp('w1', { ago: hour }), waits('w2')],
    starts: 'w2',
  },
  {
    it: 'says besides that the failed node has its turn, and is out',
    pool: { concurrency: 1, maxUnavailable: { count: 1 } },
    given: [fails('w1'), waits('w2')],
    blocked: {
      w2: [
        { code: 'pool-halted' },
        { code: 'turn-taken', says: 'w1 has the one turn of pool workers; it failed.' },
        {
          code: 'too-many-out',
          says: 'Pool workers may have 1 of 2 nodes out of service, and has: w1 has its turn.',
        },
      ],
    },
  },
  {
    it: 'counts the turn of a failure in the other pools of the cluster',
    cluster: 1,
    pools: { a: {}, b: {} },
    given: [fails('a1', { in: 'a' }), waits('b1', { in: 'b' })],
    blocked: { b1: 'cluster-turns-taken' },
  },
  {
    it: 'halts a node of the pool that holds its turn from before a crash, too',
    given: [fails('w1'), waits('w2', { turn: true })],
    blocked: { w2: 'pool-halted' },
  },
];
