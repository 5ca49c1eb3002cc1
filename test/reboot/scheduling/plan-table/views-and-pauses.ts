import type { Pause } from '../../../../src/reboot/scheduling/snapshot/pauses.ts';
import { hour, minute, second } from '../../../../src/reboot/time/time.ts';
import { aNode, at, aPool, aWindow } from '../../../fakes/builders.ts';
import { asks, boots, done, drains, nodeless, idle, mia, rule, settles, snoozed, waits } from './actors.ts';
import type { Row } from './row.ts';

export const approvals: readonly Row[] = [
  {
    it: 'starts what is approved, and says nothing of the rest',
    given: [waits('w1'), asks('w2'), snoozed('w3'), drains('w4'), done('w5', { ago: hour }), idle('w6')],
    starts: 'w1',
  },
  { it: 'has nothing to say where nobody is approved', given: [asks('w1'), idle('w2')] },
];

export const views: readonly Row[] = [
  {
    it: 'starts on a watch that was heard from just within 90 s',
    given: [waits('w1')],
    silent: 90 * second - 1,
    starts: 'w1',
  },
  {
    it: 'starts nothing on a watch that has been silent for 90 s',
    given: [waits('w1')],
    silent: 90 * second,
    blocked: {
      w1: [
        {
          code: 'stale-view',
          says: 'Nothing was heard from the cluster for 1 min 30 s.',
          clears: 'It goes on when the cluster answers.',
        },
      ],
    },
  },
  {
    it: 'starts nothing while the ledger of turns cannot be read',
    given: [waits('w1')],
    ledgerProblem:
      'The ledger of turns cannot be read: ConfigMap ops/tugboot-turns, key turns.json: it is no JSON.',
    blocked: {
      w1: [
        {
          code: 'ledger-unreadable',
          says: 'The ledger of turns cannot be read: ConfigMap ops/tugboot-turns, key turns.json: it is no JSON.',
          clears: 'Starts go on by themselves when it can be read.',
        },
      ],
    },
  },
  {
    it: 'starts no other node of a pool while one is out through a Reboot that cannot be read',
    given: [{ node: aNode({ name: 'w2', unschedulable: true, cordonedBy: 'w2-boot' }) }, waits('w1')],
    unreadable: [
      {
        name: 'w2-boot',
        problem: 'status.phase: Invalid input',
        node: { name: 'w2', uid: 'uid-w2' },
        bootId: 'boot-1',
        pool: 'workers',
        phase: 'Dreaming',
      },
    ],
    blocked: {
      w1: [
        {
          code: 'record-unreadable',
          says: 'The record of w2-boot cannot be read: status.phase: Invalid input. Tugboot leaves its node and its turn as they are. Mend it with kubectl edit reboot w2-boot --subresource=status, or delete it: then its node is put back.',
          clears: 'Until then no other node of pool workers starts.',
        },
      ],
    },
  },
  {
    it: 'does not start a node that nobody has heard of',
    given: [nodeless(waits('w1')), waits('w2')],
    starts: 'w2',
    blocked: {
      w1: [
        {
          code: 'stale-view',
          says: 'w1 is not among the nodes that were heard of.',
          clears: 'It goes on when the cluster shows the node.',
        },
      ],
    },
  },
  {
    it: 'does not start a node that is not Ready, although somebody approved it without knowing',
    given: [
      waits('w1', { ready: false }),
      waits('w2', { ready: false, by: [{ kind: 'rule', pool: 'workers' }] }),
    ],
    blocked: {
      w1: [
        {
          code: 'node-not-ready',
          says: 'w1 is not Ready, so that its pods would not be seen to end.',
          clears:
            'It starts when the node is Ready. To go on as it is: Cancel, Ask again, and approve it when the card says that it is not Ready.',
        },
      ],
      w2: 'node-not-ready rule-withdrawn',
    },
  },
  {
    it: 'does not start a node that was moved to another pool since its approval',
    pools: { db: {}, web: {} },
    given: [waits('w1', { in: 'db', pool: 'web' }), waits('w2', { in: 'web' })],
    starts: 'w2',
    blocked: {
      w1: [
        {
          code: 'unknown-pool',
          says: 'w1 does not belong to pool web any more.',
          clears: 'Give the node its labels back, or cancel this reboot.',
        },
      ],
    },
  },
  {
    it: 'gives a node to the first pool that matches it, whatever its Reboot says',
    pools: { first: { selector: '' }, second: {} },
    given: [waits('w1', { in: 'second' })],
    blocked: { w1: 'unknown-pool' },
  },
  {
    it: 'says of a pool that is gone what to do, and nothing besides',
    given: [waits('w1', { pool: 'old', paused: 'x' })],
    pauses: [{ scope: { kind: 'cluster' } }],
    silent: hour,
    blocked: {
      w1: [
        {
          code: 'unknown-pool',
          says: 'Pool old is no longer in the configuration.',
          clears: 'Name the pool again, or cancel this reboot.',
        },
      ],
    },
  },
];

const storage = { by: mia, at: at(-hour), reason: 'storage migration' };
const cluster: Pause = { scope: { kind: 'cluster' }, ...storage };
const workers: Pause = { scope: { kind: 'pool', pool: 'workers' }, ...storage };
const w1: Pause = { scope: { kind: 'node', node: 'w1' }, ...storage };

export const pauses: readonly Row[] = [
  {
    it: 'starts nothing of a cluster that is paused',
    given: [waits('w1'), waits('w2')],
    pauses: [cluster],
    blocked: {
      w1: [
        {
          code: 'paused',
          says: 'The whole cluster is paused by @mia: storage migration.',
          clears: 'It starts after /reboot resume cluster.',
        },
      ],
      w2: 'paused',
    },
  },
  {
    it: 'starts nothing of a pool that is paused, and goes on with the others',
    pools: { workers: {}, db: {} },
    given: [waits('w1', { in: 'workers' }), waits('d1', { in: 'db' })],
    pauses: [workers],
    starts: 'd1',
    blocked: {
      w1: [
        {
          code: 'paused',
          says: 'Pool workers is paused by @mia: storage migration.',
          clears: 'It starts after /reboot resume workers.',
        },
      ],
    },
  },
  {
    it: 'does not start a node that is paused, and goes on with its pool',
    given: [waits('w1'), waits('w2')],
    pauses: [w1],
    starts: 'w2',
    blocked: {
      w1: [
        {
          code: 'paused',
          says: 'w1 is paused by @mia: storage migration.',
          clears: 'It starts after /reboot resume w1.',
        },
      ],
    },
  },
  {
    it: 'knows a pause by the annotation of the node, with its reason',
    given: [waits('w1', { paused: 'broken disk.' }), waits('w2', { paused: '' })],
    blocked: {
      w1: [
        {
          code: 'paused',
          says: 'w1 is paused: broken disk.',
          clears: 'Remove the annotation tugboot.dev/paused of the node, and it starts.',
        },
      ],
      w2: [{ code: 'paused', says: 'w2 is paused.' }],
    },
  },
  {
    it: 'says what is known of a pause that was written by hand',
    given: [waits('w1')],
    pauses: [{ scope: { kind: 'cluster' } }],
    blocked: { w1: [{ code: 'paused', says: 'The whole cluster is paused.' }] },
  },
  {
    it: 'says when a pause ends by itself, and holds until then',
    given: [waits('w1')],
    pauses: [{ ...workers, until: at(hour) }],
    blocked: {
      w1: [
        {
          code: 'paused',
          says: 'Pool workers is paused by @mia: storage migration.',
          clears: 'It starts after /reboot resume workers, or when the pause is over.',
          until: hour,
        },
      ],
    },
  },
  {
    it: 'starts at the very moment at which a pause ends',
    given: [waits('w1')],
    pauses: [{ ...cluster, until: at(0) }],
    starts: 'w1',
  },
  {
    it: 'names each of several pauses, the widest first: who lifts one must not believe that it was the only one',
    given: [waits('w1', { paused: 'mine' })],
    pauses: [w1, { ...workers, until: at(minute) }, cluster],
    blocked: {
      w1: [
        { code: 'paused', says: 'The whole cluster is paused by @mia: storage migration.' },
        { code: 'paused', says: 'Pool workers is paused by @mia: storage migration.', until: minute },
        { code: 'paused', says: 'w1 is paused by @mia: storage migration.' },
        { code: 'paused', says: 'w1 is paused: mine.' },
      ],
    },
  },
  {
    it: 'minds no pause of other pools and nodes, though the pool be named like the node',
    pools: { workers: {}, w1: {} },
    given: [waits('w1', { in: 'workers' })],
    pauses: [
      { scope: { kind: 'pool', pool: 'w1' } },
      { scope: { kind: 'node', node: 'workers' } },
      { scope: { kind: 'node', node: 'w2' } },
    ],
    starts: 'w1',
  },
  {
    it: 'starts nothing that is paused in an open window either, and names both when it is closed',
    pool: { windows: [aWindow({ days: ['sun'], start: 12 * 60, length: 60, timeZone: 'UTC' })] },
    given: [waits('w1', { for: 'window' })],
    pauses: [cluster],
    at: -1,
    blocked: { w1: 'paused outside-window' },
  },
  {
    it: 'obeys a pause in an open window, and when people said "now"',
    pool: { windows: [aWindow({ days: ['sun'], start: 12 * 60, length: 60, timeZone: 'UTC' })] },
    given: [waits('w1', { for: 'window' }), waits('w2', { for: 'now' })],
    pauses: [cluster],
    blocked: { w1: 'paused', w2: 'paused' },
  },
  {
    it: 'leaves what is under way out of it: nothing is said of nodes that drain, boot or settle',
    given: [drains('w1'), boots('w2'), settles('w3')],
    pauses: [cluster],
  },
];

export const packages: readonly Row[] = [
  {
    it: 'does not start a node while packages of its host are being changed, although somebody approved it',
    given: [waits('w1'), waits('w2')],
    changing: { w1: minute },
    starts: 'w2',
    blocked: {
      w1: [
        {
          code: 'packages-changing',
          says: 'Packages of w1 are being changed since 11:59 UTC: apt-get (pid 812) holds a lock.',
          clears: 'It starts when that is done. After 30 min a person is asked.',
        },
      ],
    },
  },
  {
    it: 'asks a person when that takes longer than the pool waits: no rule may start it',
    pool: { approval: 'auto' },
    given: [waits('w1', { by: [rule] })],
    changing: { w1: hour },
    blocked: {
      w1: [
        {
          code: 'packages-changing',
          says: 'Packages of w1 are being changed since 11:00 UTC: apt-get (pid 812) holds a lock. That is longer than 30 min.',
          clears: 'Look at the node. To reboot it all the same: approve it on its card.',
        },
      ],
    },
  },
  {
    it: 'starts what a person approved after that time',
    given: [waits('w1')],
    changing: { w1: hour },
    starts: 'w1',
  },
  {
    it: 'does not start what a person approved before: it was another thing to say',
    given: [waits('w1')],
    changing: { w1: 31 * minute },
    at: 2 * minute,
    blocked: { w1: 'packages-changing' },
  },
  {
    it: 'waits for no package manager where it is told not to',
    pool: { gates: { ...aPool().gates, waitForPackageManager: 0 } },
    given: [waits('w1')],
    changing: { w1: minute },
    starts: 'w1',
  },
];
