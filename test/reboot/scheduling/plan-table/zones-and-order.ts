import { day, hour, minute } from '../../../../src/reboot/time/time.ts';
import { at } from '../../../fakes/builders.ts';
import { done, drains, idle, waits } from './actors.ts';
import type { Row } from './row.ts';

const label = 'topology.kubernetes.io/zone';
const oneZone = { topology: { label, atOnce: 1 } };

export const zones: readonly Row[] = [
  {
    it: 'takes zones one after the other, whatever the age of the needs, and says which is out',
    pool: oneZone,
    given: [
      waits('b1', { zone: 'b', asked: 90 * minute }),
      waits('a1', { zone: 'a', asked: 80 * minute }),
      waits('b2', { zone: 'b', asked: 70 * minute }),
      waits('a2', { zone: 'a', asked: minute }),
    ],
    starts: 'a1 a2',
    blocked: {
      b1: [
        {
          code: 'zone-busy',
          says: `Pool workers has nodes of 1 zone out at once, by ${label}: a1 (a) goes first, a2 (a) goes first.`,
          clears: 'It starts when that zone is done.',
        },
      ],
      b2: 'zone-busy',
    },
  },
  {
    it: 'has as many zones out at once as the pool says, and no more',
    pool: { topology: { label, atOnce: 2 } },
    given: ['a', 'b', 'c'].map((zone) => waits(`${zone}1`, { zone })),
    starts: 'a1 b1',
    blocked: {
      c1: [
        {
          code: 'zone-busy',
          says: `Pool workers has nodes of 2 zones out at once, by ${label}: a1 (a) goes first, b1 (b) goes first.`,
        },
      ],
    },
  },
  {
    it: 'goes on with a zone that has a turn before it begins another',
    pool: oneZone,
    given: [drains('b1', { zone: 'b' }), waits('a1', { zone: 'a' }), waits('b2', { zone: 'b' })],
    starts: 'b2',
    blocked: {
      a1: [
        {
          code: 'zone-busy',
          says: `Pool workers has nodes of 1 zone out at once, by ${label}: b1 (b) is draining, b2 (b) goes first.`,
        },
      ],
    },
  },
  {
    it: 'goes on with the zone whose reboot ended last, though no turn is out',
    pool: { ...oneZone, concurrency: 1 },
    given: [
      done('a1', { zone: 'a', ago: hour }),
      done('b1', { zone: 'b', ago: minute }),
      waits('a2', { zone: 'a' }),
      waits('b2', { zone: 'b' }),
    ],
    starts: 'b2',
    blocked: { a2: 'turn-taken' },
  },
  ...[
    [done('a1', { zone: 'a', ago: hour }), done('b1', { zone: 'b', ago: hour })],
    [done('b1', { zone: 'b', ago: hour }), done('a1', { zone: 'a', ago: hour })],
  ].map((ended, nth): Row => ({
    it: `goes on in the same zone wherever it is planned, when two ended at the same moment (${nth + 1})`,
    pool: { ...oneZone, concurrency: 1 },
    given: [...ended, waits('a2', { zone: 'a' }), waits('b2', { zone: 'b', asked: hour + 1 })],
    starts: 'a2',
    blocked: { b2: 'turn-taken' },
  })),
  {
    it: 'keeps apart by any label of the node: racks of one zone, say',
    pool: { topology: { label: 'example.com/rack', atOnce: 1 } },
    given: [
      waits('w1', { zone: 'a', rack: '1' }),
      waits('w2', { zone: 'a', rack: '2' }),
      waits('w3', { zone: 'b', rack: '1' }),
    ],
    starts: 'w1 w3',
    blocked: {
      w2: [
        {
          code: 'zone-busy',
          says: 'Pool workers has nodes of 1 zone out at once, by example.com/rack: w1 (1) goes first, w3 (1) goes first.',
        },
      ],
    },
  },
  {
    it: 'treats nodes without the label as a zone of their own, and says so',
    pool: oneZone,
    given: [waits('w1'), waits('w2'), waits('a1', { zone: 'a' })],
    starts: 'w1 w2',
    blocked: {
      a1: [
        {
          code: 'zone-busy',
          says: `Pool workers has nodes of 1 zone out at once, by ${label}: w1 (without the label) goes first, w2 (without the label) goes first.`,
        },
      ],
    },
  },
  {
    it: 'counts zones for each pool apart',
    pools: { a: oneZone, b: oneZone },
    given: [drains('a1', { in: 'a', zone: 'x' }), waits('b1', { in: 'b', zone: 'y' })],
    starts: 'b1',
  },
  {
    it: 'minds zones only where the pool says so',
    given: [drains('a1', { zone: 'a' }), waits('b1', { zone: 'b' })],
    starts: 'b1',
  },
  {
    it: 'moves nobody of another pool when it puts zones in order',
    pools: { z: oneZone, y: {} },
    given: [
      waits('zb', { in: 'z', zone: 'b', asked: 4 * hour }),
      waits('y1', { in: 'y', zone: 'b', asked: 3 * hour }),
      waits('za', { in: 'z', zone: 'a', asked: 2 * hour }),
      waits('y2', { in: 'y', zone: 'a', asked: hour }),
    ],
    starts: 'za y1 y2',
    blocked: { zb: 'zone-busy' },
  },
  {
    it: 'leaves a zone whose nodes are held back to itself, and begins the next',
    pool: oneZone,
    given: [waits('a1', { zone: 'a', paused: '' }), waits('b1', { zone: 'b' })],
    starts: 'b1',
    blocked: { a1: 'paused' },
  },
  {
    it: 'has turns, zones and room at once: the one that is shortest decides, and each is named',
    cluster: 3,
    pool: { topology: { label, atOnce: 1 }, concurrency: 3, maxUnavailable: { count: 2 } },
    given: [
      waits('a1', { zone: 'a' }),
      waits('a2', { zone: 'a' }),
      waits('a3', { zone: 'a' }),
      waits('b1', { zone: 'b' }),
    ],
    starts: 'a1 a2',
    blocked: { a3: 'too-many-out', b1: 'zone-busy too-many-out' },
  },
];

/** Of one turn, so that the order shows one by one. */
export const order: readonly Row[] = [
  {
    it: 'takes the oldest need first, in steps of an hour',
    given: [
      waits('w1', { asked: minute }),
      waits('w2', { asked: 3 * hour }),
      waits('w3', { asked: hour + 1 }),
    ],
    starts: 'w2 w3 w1',
  },
  {
    it: 'takes needs of the same hour by their drain: no budget in the way, then what is not known; the fewest pods, then age, then name',
    given: [
      waits('budget', { pods: 1, budget: true, asked: 50 * minute }),
      waits('many', { pods: 9, asked: 40 * minute }),
      waits('few-b', { pods: 3, asked: 2 * minute }),
      waits('few-a', { pods: 3, asked: 2 * minute }),
      waits('few-old', { pods: 3, asked: 30 * minute }),
      waits('unknown', { asked: minute }),
    ],
    starts: 'few-old few-a few-b many unknown budget',
  },
  {
    it: 'lets a need of the hour before go first, whatever its drain meets',
    given: [waits('w1', { pods: 1, asked: hour }), waits('w2', { pods: 9, budget: true, asked: hour + 1 })],
    starts: 'w2 w1',
  },
  {
    it: 'puts a Reboot that gave up a turn at the back, and not one that lost its window',
    given: [
      waits('w1', { undone: { why: 'stuck' }, asked: 3 * day }),
      waits('w2', { undone: { why: 'window-closed' }, asked: 2 * day }),
      waits('w3'),
    ],
    starts: 'w2 w3 w1',
  },
  {
    it: 'takes the nodes that run Tugboot last, though their need be the oldest',
    given: [waits('own', { asked: 9 * day }), waits('w1', { undone: { why: 'stuck' } }), waits('w2')],
    own: ['own'],
    starts: 'w2 w1 own',
  },
  {
    it: 'takes the control plane after them, and the control-plane node that runs Tugboot at the very end',
    cluster: 1,
    pools: { cp: {}, workers: { windows: [] } },
    given: [
      waits('cp-own', { in: 'cp', cp: true, asked: 9 * day }),
      waits('cp1', { in: 'cp', cp: true, asked: 8 * day }),
      waits('w-own', { in: 'workers', asked: 7 * day }),
    ],
    own: ['cp-own', 'w-own'],
    starts: 'w-own',
    blocked: {
      cp1: 'control-plane-last cluster-turns-taken',
      'cp-own': 'control-plane-last cluster-turns-taken',
    },
  },
  {
    it: 'takes the other control-plane node before the one that runs Tugboot',
    given: [waits('cp-own', { cp: true, asked: 9 * day }), waits('cp1', { cp: true })],
    own: ['cp-own'],
    starts: 'cp1',
    blocked: { 'cp-own': 'control-plane-busy' },
  },
  {
    it: 'gives the one turn to the next in order when the first is held back',
    pool: { concurrency: 1 },
    given: [waits('w1', { asked: day, paused: '' }), waits('w2', { asked: hour }), waits('w3')],
    starts: 'w2',
    blocked: { w1: 'paused', w3: 'turn-taken' },
  },
  {
    it: 'says of the first that it is paused only: nobody who starts now is in its way before that ends',
    pool: { concurrency: 1 },
    given: [waits('w1', { asked: day }), waits('w2')],
    pauses: [{ scope: { kind: 'node', node: 'w1' }, until: at(hour) }],
    starts: 'w2',
    blocked: { w1: 'paused' },
  },
  {
    it: 'counts its own nodes like all others when it comes to turns',
    pool: { concurrency: 1 },
    given: [drains('own'), waits('w1'), idle('w2')],
    own: ['own'],
    blocked: { w1: 'turn-taken' },
  },
];
