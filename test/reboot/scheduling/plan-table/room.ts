import type { PoolPolicy } from '../../../../src/reboot/policy/policy.ts';
import { boots, drains, idle, nodeless, waits } from './actors.ts';
import type { Row } from './row.ts';

export const outOfService: readonly Row[] = [
  {
    it: 'does not start a node that somebody else is about to remove, and counts it as out',
    pool: { maxUnavailable: { count: 1 } },
    given: [waits('w1'), waits('w2', { taint: 'karpenter.sh/disrupted' })],
    blocked: {
      w1: [
        {
          code: 'too-many-out',
          says: 'Pool workers may have 1 of 2 nodes out of service, and has: w2 has the taint karpenter.sh/disrupted.',
          clears: 'It starts when one of them is back.',
        },
      ],
      w2: [
        {
          code: 'node-leaving',
          says: 'w2 has the taint karpenter.sh/disrupted: somebody else takes it out of service.',
          clears: 'It starts when that is gone. When the node goes, this reboot ends.',
        },
      ],
    },
  },
  {
    it: 'counts no node on which no agent can run, neither for a share nor as out',
    pool: { maxUnavailable: { percent: 50 } },
    given: [
      waits('w1'),
      idle('w2', { ready: false }),
      idle('f1', { fargate: true }),
      idle('f2', { fargate: true }),
      idle('f3', { fargate: true, ready: false }),
    ],
    blocked: {
      w1: [
        {
          code: 'too-many-out',
          says: 'Pool workers may have 1 of 2 nodes out of service, and has: w2 is not Ready.',
          clears: 'It starts when one of them is back.',
        },
      ],
    },
  },
  {
    it: 'starts while fewer nodes are out than may be',
    pool: { maxUnavailable: { count: 2 } },
    given: [waits('w1'), idle('w2', { ready: false }), idle('w3')],
    starts: 'w1',
  },
  {
    it: 'starts nothing when as many are out as may be, by whosever hand, and names each with its reason',
    pool: { maxUnavailable: { count: 3 } },
    given: [
      waits('w1'),
      idle('w2', { ready: false }),
      idle('w3', { cordoned: true }),
      drains('w4'),
      idle('w5'),
    ],
    blocked: {
      w1: [
        {
          code: 'too-many-out',
          says: 'Pool workers may have 3 of 5 nodes out of service, and has: w2 is not Ready, w3 is cordoned, w4 has its turn.',
          clears: 'It starts when one of them is back.',
        },
      ],
    },
  },
  {
    it: 'starts nothing when more are out than may be',
    pool: { maxUnavailable: { count: 1 } },
    given: [waits('w1'), idle('w2', { ready: false }), idle('w3', { ready: false })],
    blocked: { w1: 'too-many-out' },
  },
  {
    it: 'counts a node once that is not Ready, and cordoned, and has its turn',
    pool: { maxUnavailable: { count: 2 } },
    given: [waits('w1'), boots('w2', { ready: false, cordoned: true })],
    starts: 'w1',
  },
  {
    it: 'does not count the node itself: rebooting what is out already disturbs nobody more',
    pool: { maxUnavailable: { count: 1 } },
    given: [waits('w1', { cordoned: true }), idle('w2')],
    starts: 'w1',
  },
  {
    it: 'counts what starts in this very plan',
    pool: { maxUnavailable: { count: 2 } },
    given: [waits('w1'), waits('w2'), waits('w3')],
    starts: 'w1 w2',
    blocked: {
      w3: [
        {
          code: 'too-many-out',
          says: 'Pool workers may have 2 of 3 nodes out of service, and has: w1 has its turn, w2 has its turn.',
        },
      ],
    },
  },
  {
    it: 'does not count nodes of other pools',
    pools: { a: { maxUnavailable: { count: 1 } }, b: {} },
    given: [waits('a1', { in: 'a' }), idle('b1', { in: 'b', ready: false }), drains('b2', { in: 'b' })],
    starts: 'a1',
  },
  {
    it: 'counts a turn that was taken when the node was in another pool',
    pool: { maxUnavailable: { count: 1 } },
    given: [waits('w1'), drains('w2', { turnOf: 'before' })],
    blocked: { w1: 'too-many-out' },
  },
  {
    it: 'does not count a turn whose node has gone',
    pool: { maxUnavailable: { count: 1 } },
    given: [waits('w1'), nodeless(drains('w2'))],
    starts: 'w1',
  },
  {
    it: 'takes a share of the nodes that the pool owns, and not of all that its selector matches',
    pools: { big: {}, rest: { selector: '', maxUnavailable: { percent: 50 } } },
    given: [
      waits('w1', { pool: 'rest' }),
      idle('w2', { ready: false }),
      ...Array.from({ length: 6 }, (_, n) => idle(`big-${n}`, { in: 'big' })),
    ],
    blocked: {
      w1: [
        {
          code: 'too-many-out',
          says: 'Pool rest may have 1 of 2 nodes out of service, and has: w2 is not Ready.',
        },
      ],
    },
  },
  {
    it: 'gives way to what the pool can spare where its turns would be enough, and the other way round',
    pools: {
      a: { concurrency: 3, maxUnavailable: { count: 2 } },
      b: { concurrency: 2, maxUnavailable: { count: 3 } },
    },
    given: [
      ...['a1', 'a2', 'a3'].map((name) => waits(name, { in: 'a' })),
      ...['b1', 'b2', 'b3'].map((name) => waits(name, { in: 'b' })),
    ],
    starts: 'a1 a2 b1 b2',
    blocked: { a3: 'too-many-out', b3: 'turn-taken' },
  },
];

/** How many of a pool of 1 to 12 nodes, all of which wait, start at once. */
export const shares: readonly (readonly [PoolPolicy['maxUnavailable'], readonly number[]])[] = [
  [{ percent: 1 }, [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]],
  [{ percent: 10 }, [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]],
  [{ percent: 20 }, [1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2]],
  [{ percent: 25 }, [1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 3]],
  [{ percent: 33 }, [1, 1, 1, 1, 1, 1, 2, 2, 2, 3, 3, 3]],
  [{ percent: 50 }, [1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6]],
  [{ percent: 99 }, [1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]],
  [{ percent: 100 }, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]],
  [{ count: 1 }, [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]],
  [{ count: 4 }, [1, 2, 3, 4, 4, 4, 4, 4, 4, 4, 4, 4]],
];
