/** Pool digests at each moment that their message tells of, for snapshots and property tests. */
import type {
  DigestMember,
  DigestRow,
  PoolDigestData,
} from '../../src/reboot/pool-digest/message/digest-facts.ts';
import { hour, minute } from '../../src/reboot/time/time.ts';
import { lee, mia, noon } from '../fakes/builders.ts';

const none = { count: 0, first: [] };

export const noCounts = {
  total: 0,
  asking: 0,
  snoozed: 0,
  denied: 0,
  waiting: 0,
  running: 0,
  failed: 0,
  done: 0,
  ended: 0,
};

const aRow = (nth: number, overrides: Partial<DigestRow> = {}): DigestRow => ({
  reboot: `worker-${nth}-4f1c9a`,
  node: `worker-${nth}`,
  zone: `eu-1${'abc'.charAt(nth % 3)}`,
  kernel: '6.8.0-49-generic',
  packages: ['linux-image-6.8.0-49-generic', 'libc6'],
  more: 2,
  phase: 'Pending',
  since: noon - 2 * minute,
  approvedBy: [],
  ...overrides,
});

export const aDigest = (overrides: Partial<PoolDigestData> = {}): PoolDigestData => ({
  cluster: 'prod-eu',
  channel: 'C0REBOOTS',
  pool: 'workers',
  id: 'workers-20261122-1',
  revision: 3,
  chat: {},
  now: noon,
  openedAt: noon - minute,
  firstAskedAt: noon - 2 * minute,
  counts: { ...noCounts, total: 212, asking: 212 },
  packages: [
    { name: 'linux-image-6.8.0-49-generic', risk: 'kernel', versions: ['6.8.0-49.49'], nodes: 212 },
    { name: 'libc6', risk: 'libc', versions: ['2.39-0ubuntu8.3'], nodes: 14 },
  ],
  morePackages: 0,
  kernels: [{ release: '6.8.0-49-generic', nodes: 212 }],
  runningKernels: [
    { release: '6.8.0-45-generic', nodes: 210 },
    { release: '6.8.0-44-generic', nodes: 2 },
  ],
  impact: {
    sampled: 20,
    of: 212,
    podsToMove: 280,
    lost: none,
    goesDown: { count: 5, first: ['Deployment shop/cart', 'Deployment shop/search', 'StatefulSet db/pg'] },
    budgets: { count: 1, first: ['db/pg'] },
    refusals: none,
  },
  rows: Array.from({ length: 10 }, (_, nth) => aRow(nth + 1)),
  running: [],
  waitsFor: [],
  failed: [],
  undone: [],
  decisions: [],
  alone: 0,
  left: 0,
  automatic: { at: noon + 38 * hour, nodes: 212 },
  approvers: { kind: 'named', users: ['U0LEE'], groups: ['S0ONCALL'] },
  approvalsNeeded: 1,
  approveNowAllowed: true,
  window: {
    opens: noon + 38 * hour,
    closes: noon + 41 * hour,
    label: 'Tue 02:00–05:00, Europe/Berlin',
    short: 'Tue 02:00',
    open: false,
  },
  concurrency: 8,
  wouldTake: 220 * minute,
  ...overrides,
});

/** Of a pool without windows and without a rule. */
const atAnyTime = ({ window: _w, automatic: _a, ...data }: PoolDigestData): PoolDigestData => data;

const approved = {
  id: 'd1',
  request: { kind: 'approve', mode: 'now' },
  by: mia,
  at: noon,
  of: 212,
} as const;

const running: PoolDigestData['running'] = [
  {
    reboot: 'worker-41-4f1c9a',
    node: 'worker-41',
    phase: 'Draining',
    since: noon + 50 * minute,
    pods: { gone: 9, total: 14 },
    waitsFor: 'budget db/pg',
    card: { channel: 'C0REBOOTS', ts: '1.000041' },
  },
  { reboot: 'worker-42-4f1c9a', node: 'worker-42', phase: 'Rebooting', since: noon + 52 * minute },
];

const failed: PoolDigestData['failed'] = [
  {
    code: 'did-not-come-back',
    sentence: 'Told to reboot at 12:41; nothing heard since, limit 10 min.',
    nodes: 6,
    first: [7, 9, 12, 15, 19].map((nth) => ({
      node: `worker-${nth}`,
      reboot: `worker-${nth}-4f1c9a`,
      card: { channel: 'C0REBOOTS', ts: `1.00000${nth}` },
    })),
    since: noon + 51 * minute,
  },
  {
    code: 'drain-timeout',
    sentence: 'db/pg-1 waits for budget db/pg since 12:01, limit 15 min.',
    nodes: 1,
    first: [{ node: 'worker-3', reboot: 'worker-3-4f1c9a' }],
    since: noon + 16 * minute,
  },
];

const underWay = atAnyTime(
  aDigest({
    now: noon + hour,
    counts: { ...noCounts, total: 212, done: 40, running: 2, waiting: 156, asking: 14 },
    running,
    waitsFor: [
      {
        code: 'turn-taken',
        sentence: 'All 8 turns of pool workers are taken.',
        nodes: 156,
        first: 'worker-43',
      },
    ],
    decisions: [
      {
        ...approved,
        result: {
          applied: 198,
          refused: 14,
          refusals: [{ node: 'worker-2', sentence: 'The packages changed since you looked.' }],
        },
      },
    ],
    rows: [aRow(2), aRow(5, { approvedBy: ['lee'] })],
    timeLeft: 170 * minute,
  }),
);

/** The names are those of the snapshot files. */
export const digests: Readonly<Record<string, PoolDigestData>> = {
  asks: aDigest(),
  'asks-any-time': atAnyTime(aDigest({ approvers: { kind: 'channel' } })),
  'asks-in-window-only': aDigest({ approveNowAllowed: false, approvalsNeeded: 2, alone: 2, left: 31 }),
  'asks-knows-little': (({ impact: _i, wouldTake: _t, ...data }) => ({
    ...data,
    packages: [],
    kernels: [],
    rows: [aRow(1, { packages: [], more: 0, approvedBy: [] })].map(({ kernel: _k, zone: _z, ...row }) => row),
    beyondRule: 'The rule of pool workers does not approve linux-image-6.8.0-49-generic: a person has to.',
  }))(aDigest()),
  snoozed: aDigest({
    counts: { ...noCounts, total: 5, snoozed: 5 },
    rows: [aRow(1, { phase: 'Snoozed' })],
    decisions: [
      {
        ...approved,
        request: { kind: 'snooze', until: noon + 4 * hour, reason: 'release at 14:00' },
        result: { applied: 5, refused: 0, refusals: [] },
      },
    ],
  }),
  'asks-again': aDigest({
    now: noon + 5 * hour,
    decisions: [
      {
        ...approved,
        request: { kind: 'snooze', until: noon + 4 * hour },
        result: { applied: 212, refused: 0, refusals: [] },
      },
    ],
  }),
  'being-applied': atAnyTime(
    aDigest({
      counts: { ...noCounts, total: 212, asking: 150, waiting: 62 },
      decisions: [{ ...approved, request: { kind: 'approve', mode: 'now', atMost: 2 } }],
    }),
  ),
  'under-way': underWay,
  failed: { ...underWay, counts: { ...underWay.counts, done: 33, failed: 7 }, failed },
  undone: {
    ...underWay,
    counts: { ...underWay.counts, done: 33, waiting: 7 },
    decisions: [],
    undone: [
      {
        cause: 'tried-enough db/pg',
        held: 'budget db/pg allowed nothing for 15 min',
        needsPerson: 'tried-enough',
        nodes: 7,
        first: failed[0]?.first ?? [],
      },
    ],
  },
  done: aDigest({
    counts: { ...noCounts, total: 212, done: 212 },
    rows: [],
    now: noon + 4 * hour,
    closedAt: noon + 4 * hour,
    decisions: [{ ...approved, result: { applied: 212, refused: 0, refusals: [] } }],
  }),
  'done-in-part': aDigest({
    counts: { ...noCounts, total: 212, done: 205, denied: 4, ended: 3 },
    rows: [],
    closedAt: noon + 4 * hour,
  }),
  denied: aDigest({
    counts: { ...noCounts, total: 7, denied: 7 },
    rows: [],
    closedAt: noon + hour,
    decisions: [
      {
        ...approved,
        by: lee,
        request: { kind: 'deny', reason: 'not on a Sunday' },
        result: { applied: 7, refused: 0, refusals: [] },
      },
    ],
  }),
};

export const aMember = (nth: number, overrides: Partial<DigestMember> = {}): DigestMember => ({
  reboot: `worker-${nth}-4f1c9a`,
  node: `worker-${nth}`,
  phase: 'Pending',
  zone: `eu-1${'abc'.charAt(nth % 3)}`,
  labels: { 'node.kubernetes.io/instance-type': nth % 2 === 0 ? 'm7.large' : 'm7.xlarge' },
  kernel: { running: '6.8.0-45-generic', next: nth % 10 === 0 ? '6.8.0-50-generic' : '6.8.0-49-generic' },
  packages: ['linux-image-6.8.0-49-generic', 'libc6'],
  since: noon,
  asks: true,
  ...overrides,
});
