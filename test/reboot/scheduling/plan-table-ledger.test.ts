/**
 * What the write that takes a turn admits: the same limits once more, against what it replaces. Two starts at
 * once meet nowhere else.
 */
import { describe, expect, it } from 'vitest';
import {
  admit,
  type TakeResult,
  type Turn,
  type TurnLimits,
} from '../../../src/reboot/scheduling/snapshot/ledger.ts';
import { at } from '../../fakes/builders.ts';

const turn = (node: string, overrides: Partial<Turn> = {}): Turn => ({
  reboot: `${node}-r`,
  node,
  pool: 'workers',
  controlPlane: false,
  since: at(0),
  ...overrides,
});
const roomy: TurnLimits = { cluster: 9, pool: 9 };
const room = (members: string, out: string, mostOut: number) => ({
  room: { members: members.split(' '), out: out === '' ? [] : out.split(' '), mostOut },
});
const zone = (node: string, name: string): Turn => turn(node, { zone: name });
const cp = (node: string, pool = 'cp'): Turn => turn(node, { controlPlane: true, pool });

type Why = Extract<TakeResult, { taken: false }>['why'] | 'taken';

const rows: readonly {
  readonly it: string;
  readonly held?: readonly Turn[];
  readonly take: Turn;
  readonly limits?: Partial<TurnLimits>;
  readonly is: Why;
}[] = [
  { it: 'gives a turn of an empty ledger', take: turn('w1'), limits: { cluster: 1, pool: 1 }, is: 'taken' },
  {
    it: 'gives it once more to the Reboot that has it, over every limit',
    held: [turn('w1'), turn('w2')],
    take: turn('w1'),
    limits: { cluster: 0, pool: 0 },
    is: 'taken',
  },
  {
    it: 'gives the last turn of a pool',
    held: [turn('w1')],
    take: turn('w2'),
    limits: { pool: 2 },
    is: 'taken',
  },
  {
    it: 'gives none beyond',
    held: [turn('w1'), turn('w2')],
    take: turn('w3'),
    limits: { pool: 2 },
    is: 'pool',
  },
  {
    it: 'gives the last turn of the cluster',
    held: [turn('w1')],
    take: turn('d1', { pool: 'db' }),
    limits: { cluster: 2 },
    is: 'taken',
  },
  {
    it: 'gives none beyond, whatever the pool',
    held: [turn('w1'), turn('w2')],
    take: turn('d1', { pool: 'db' }),
    limits: { cluster: 2 },
    is: 'cluster',
  },
  {
    it: 'gives one turn to a machine at a time',
    held: [turn('w1', { reboot: 'before' })],
    take: turn('w1'),
    is: 'pool',
  },
  {
    it: 'gives one turn to the control plane, across pools',
    held: [cp('cp1')],
    take: cp('etcd1', 'etcd'),
    is: 'control-plane',
  },
  { it: 'gives workers theirs beside it', held: [cp('cp1')], take: turn('w1'), is: 'taken' },
  {
    it: 'goes on in a zone that is out',
    held: [zone('w1', 'a')],
    take: zone('w2', 'a'),
    limits: { zones: 1 },
    is: 'taken',
  },
  {
    it: 'begins no zone beyond the limit',
    held: [zone('w1', 'a')],
    take: zone('w2', 'b'),
    limits: { zones: 1 },
    is: 'zone',
  },
  {
    it: 'begins one within it',
    held: [zone('w1', 'a')],
    take: zone('w2', 'b'),
    limits: { zones: 2 },
    is: 'taken',
  },
  {
    it: 'takes no label for a zone',
    held: [zone('w1', 'a')],
    take: turn('w2'),
    limits: { zones: 1 },
    is: 'zone',
  },
  {
    it: 'gives a turn while the pool can spare a node',
    held: [turn('w1')],
    take: turn('w2'),
    limits: room('w1 w2 w3', '', 2),
    is: 'taken',
  },
  {
    it: 'gives none when turns and nodes out use up what it can spare',
    held: [turn('w1')],
    take: turn('w2'),
    limits: room('w1 w2 w3', 'w3', 2),
    is: 'too-many-out',
  },
  {
    it: 'counts a node with a turn that is out once',
    held: [turn('w1')],
    take: turn('w2'),
    limits: room('w1 w2 w3', 'w1', 2),
    is: 'taken',
  },
  {
    it: 'gives a turn to a node that is out itself: it disturbs nobody more',
    held: [turn('w1')],
    take: turn('w3'),
    limits: room('w1 w2 w3', 'w3', 2),
    is: 'taken',
  },
  {
    it: 'counts a turn of a member that was taken under another name of the pool',
    held: [turn('w2', { pool: 'before' })],
    take: turn('w1'),
    limits: { pool: 1, ...room('w1 w2', '', 9) },
    is: 'pool',
  },
  {
    it: 'does not count the turn of a node that has left the pool as one out of it',
    held: [turn('w9')],
    take: turn('w1'),
    limits: room('w1 w2', '', 1),
    is: 'taken',
  },
];

describe('the ledger', () => {
  it.each(rows)('$it', ({ held = [], take, limits, is }) => {
    const result = admit({ turns: held }, take, { ...roomy, ...limits });
    expect(result.taken ? 'taken' : result.why).toBe(is);
  });

  it('names the holders that are in the way', () => {
    const held = [turn('w1'), turn('d1', { pool: 'db' })];
    expect(admit({ turns: held }, turn('w2'), { cluster: 9, pool: 1 })).toEqual({
      taken: false,
      why: 'pool',
      holders: [held[0]],
    });
    expect(admit({ turns: held }, turn('w2'), { cluster: 2, pool: 9 })).toMatchObject({ holders: held });
  });
});
