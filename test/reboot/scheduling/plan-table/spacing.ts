import { day, hour, minute } from '../../../../src/reboot/time/time.ts';
import { at } from '../../../fakes/builders.ts';
import { cancelled, done, drains, givenUp, waits } from './actors.ts';
import type { Row } from './row.ts';

const ofPool = { minTimeBetween: { pool: 30 * minute, node: 0 } };
const ofNode = { minTimeBetween: { pool: 0, node: day } };

export const spacing: readonly Row[] = [
  {
    it: 'lets a node rest whose drain was undone, and says what held it and when it is tried again',
    given: [waits('w1', { undone: { notBefore: at(5 * minute) } }), waits('w2')],
    starts: 'w2',
    blocked: {
      w1: [
        {
          code: 'drain-undone',
          says: 'Its drain was undone (1 of 3): budget db/pg allowed nothing for 15 min.',
          clears:
            'It is tried again when somebody retries it on its card, as soon as the budget has room, or when its pause is over.',
          until: 5 * minute,
        },
      ],
    },
  },
  {
    it: 'says nothing of a budget where none had held the drain',
    given: [waits('w1', { undone: { budgets: [], cause: 'pod a/b had not ended', notBefore: at(minute) } })],
    blocked: {
      w1: [
        {
          code: 'drain-undone',
          says: 'Its drain was undone (1 of 3): pod a/b had not ended.',
          clears: 'It is tried again when somebody retries it on its card, or when its pause is over.',
          until: minute,
        },
      ],
    },
  },
  {
    it: 'tries it again when the pause is over, after the others',
    given: [waits('w1', { undone: {}, asked: day }), waits('w2')],
    starts: 'w2 w1',
  },
  ...(
    [
      ['tried-enough', 3, 'Its drain was undone 3 times'],
      ['cannot-succeed', 1, 'Its drain was undone, and trying again would not help'],
      ['forced', 1, 'Its drain was undone although it was forced'],
    ] as const
  ).map(([needsPerson, times, says]): Row => ({
    it: `waits for a person when trying again by itself makes no sense: ${needsPerson}`,
    given: [waits('w1', { undone: { needsPerson, times } })],
    blocked: {
      w1: [
        {
          code: 'drain-needs-person',
          says: `${says}: budget db/pg allowed nothing for 15 min.`,
          clears: 'Retry, force or cancel it on its card.',
        },
      ],
    },
  })),
  {
    it: 'keeps the next of a pool waiting for the least time after the last one of several',
    pool: ofPool,
    given: [waits('w1'), done('w2', { ago: 10 * minute }), done('w3', { ago: 20 * minute })],
    blocked: {
      w1: [
        {
          code: 'too-soon',
          says: 'Reboots of pool workers are 30 min apart, and w2 was the last.',
          clears: 'It starts when that time is over.',
          until: 20 * minute,
        },
      ],
    },
  },
  {
    it: 'starts when it is over',
    pool: ofPool,
    given: [waits('w1'), done('w2', { ago: 30 * minute })],
    starts: 'w1',
  },
  {
    it: 'does not start a moment before',
    pool: ofPool,
    given: [waits('w1'), done('w2', { ago: 30 * minute - 1 })],
    blocked: { w1: [{ code: 'too-soon', until: 1 }] },
  },
  ...[
    [done('w2', { ago: 0 }), done('w3', { ago: 0 })],
    [done('w3', { ago: 0 }), done('w2', { ago: 0 })],
  ].map((ended, nth): Row => ({
    it: `names the same one of two that ended at once, wherever it is planned (${nth + 1})`,
    pool: ofPool,
    given: [...ended, waits('w1')],
    blocked: {
      w1: [
        {
          code: 'too-soon',
          says: 'Reboots of pool workers are 30 min apart, and w2 was the last.',
          until: 30 * minute,
        },
      ],
    },
  })),
  {
    it: 'spaces what was given up or cancelled in the drain as well: the node was disturbed',
    pool: ofPool,
    given: [
      waits('w1'),
      givenUp('w2', { ago: 10 * minute }),
      cancelled('w3', { ago: 5 * minute, from: 'Draining' }),
    ],
    blocked: { w1: [{ code: 'too-soon', until: 25 * minute }] },
  },
  {
    it: 'spaces what was given up, from when it was',
    pool: ofPool,
    given: [waits('w1'), givenUp('w2', { ago: 10 * minute })],
    blocked: { w1: [{ code: 'too-soon', until: 20 * minute }] },
  },
  {
    it: 'does not space what never disturbed a node',
    pool: ofPool,
    given: [waits('w1'), cancelled('w2', { ago: minute, from: 'Approved' })],
    starts: 'w1',
  },
  {
    it: 'counts from the end: while one is under way only turns limit the next',
    pool: ofPool,
    given: [waits('w1'), drains('w2')],
    starts: 'w1',
  },
  {
    it: 'spaces each pool by itself',
    pools: { a: ofPool, b: {} },
    given: [waits('a1', { in: 'a' }), waits('b1', { in: 'b' }), done('b2', { in: 'b', ago: minute })],
    starts: 'a1 b1',
  },
  {
    it: 'keeps a node waiting for the least time after its own last reboot, and counts no other',
    pool: ofNode,
    given: [
      cancelled('w1', { ago: hour, from: 'Draining' }),
      waits('w1'),
      done('w2', { ago: minute }),
      waits('w3'),
    ],
    starts: 'w3',
    blocked: {
      w1: [
        {
          code: 'too-soon',
          says: 'Reboots of one node are 1 d apart, and w1 was the last.',
          until: 23 * hour,
        },
      ],
    },
  },
  {
    it: 'knows a node by its UID: a new machine of the same name is another',
    pool: ofNode,
    given: [done('w1', { ago: minute, uid: 'before' }), waits('w1')],
    starts: 'w1',
  },
  {
    it: 'names both where node and pool are spaced, the node first',
    pool: { minTimeBetween: { pool: hour, node: day } },
    given: [done('w1', { ago: 2 * hour }), waits('w1'), done('w2', { ago: minute })],
    blocked: {
      w1: [
        { code: 'too-soon', until: 22 * hour },
        { code: 'too-soon', until: 59 * minute },
      ],
    },
  },
  {
    it: 'spaces a node by its own last reboot too: it was one of the pool',
    pool: ofPool,
    given: [done('w1', { ago: minute }), waits('w1')],
    blocked: { w1: [{ code: 'too-soon', until: 29 * minute }] },
  },
];
