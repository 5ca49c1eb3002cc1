/**
 * Writes of a worker that was suspended between its read and its write: `still` is called again, and they
 * fail on what has changed.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Kube } from '../../src/k8s/kube.ts';
import { noManagedLabels, type WantedLabels } from '../../src/reboot/ownership/managed-labels.ts';
import type { BootTarget } from '../../src/reboot/nodes/observation.ts';
import type { NodeView } from '../../src/reboot/nodes/node-view.ts';
import { aReboot } from '../fakes/builders.ts';
import { type ApiWorld, startApiWorld } from './world/api.ts';
import { handOf, type Hand } from './world/hand.ts';

let world: ApiWorld;
let hand: Hand;
let late: Kube;
let other: Kube;
let n1: BootTarget;
beforeEach(async () => {
  world = await startApiWorld();
  hand = handOf(world.admin);
  late = world.connect();
  other = world.connect();
  n1 = await hand.addNode('n1');
});
afterEach(() => world.close());

const no = async (): Promise<boolean> => false;
/** What happens in the meantime, the first time; then what the late one is told. */
function meanwhile(act: () => Promise<unknown>, then = true) {
  const still = async (): Promise<boolean> => {
    still.asked += 1;
    if (still.asked > 1) return then;
    await act();
    return true;
  };
  still.asked = 0;
  return still;
}
const node = async () => (await other.cluster.observe('n1')).node;
const endBoot = async () => (await other.cluster.observe('n1')).agent?.endBoot;

describe('a write that is not owed any more', () => {
  it('to a node, an order or the ledger does not happen', async () => {
    expect(await late.cluster.cordon(n1, 'r', no)).toBe('not-owed');
    expect(await node()).toMatchObject({ unschedulable: false });
    await other.cluster.cordon(n1, 'r');
    expect(await late.cluster.uncordon(n1, 'r', no)).toBe('not-owed');
    expect(await node()).toMatchObject({ unschedulable: true, cordonedBy: 'r' });
    expect(await late.cluster.order(n1, no)).toBe('not-owed');
    expect(await endBoot()).toBeUndefined();
    const turn = { reboot: 'r', node: 'n1', pool: 'p', controlPlane: false, since: '2026-11-22T12:00:00Z' };
    await other.ledger.take(turn, { cluster: 1, pool: 1 });
    expect(await late.ledger.release('r', no)).toBe('not-owed');
    expect((await other.ledger.read()).turns).toEqual([turn]);
  });

  it('does not undo a cordon that was taken off and put on again since', async () => {
    await other.cluster.cordon(n1, 'r');
    const still = meanwhile(async () => {
      await other.cluster.uncordon(n1, 'r');
      await other.cluster.cordon(n1, 'r');
    }, false);
    expect(await late.cluster.uncordon(n1, 'r', still)).toBe('not-owed');
    expect(still.asked).toBe(2);
    expect(await node()).toMatchObject({ unschedulable: true, cordonedBy: 'r' });
  });

  it('does not bring an order back that was given and withdrawn since', async () => {
    await other.cluster.ensureAgent({ name: 'n1', uid: n1.uid });
    const still = meanwhile(async () => {
      await other.cluster.order(n1);
      await other.cluster.withdrawOrder('n1', n1.bootId);
    }, false);
    expect(await late.cluster.order(n1, still)).toBe('not-owed');
    expect(await endBoot()).toBeUndefined();
  });

  it('does not give an order that was withdrawn before it was given', async () => {
    await other.cluster.ensureAgent({ name: 'n1', uid: n1.uid });
    const still = meanwhile(() => other.cluster.withdrawOrder('n1', n1.bootId, 'late-too'), false);
    expect(await late.cluster.order(n1, still)).toBe('not-owed');
    expect(still.asked).toBe(2);
    expect(await endBoot()).toBeUndefined();
    // And once more: each withdrawal changes the version.
    const again = meanwhile(() => other.cluster.withdrawOrder('n1', n1.bootId, 'late-too'), false);
    expect(await late.cluster.order(n1, again)).toBe('not-owed');
    expect(await late.cluster.order(n1)).toBe('ordered');
  });

  it('releases a turn that others changed the ledger around, after asking again', async () => {
    const turn = { reboot: 'r', node: 'n1', pool: 'p', controlPlane: false, since: '2026-11-22T12:00:00Z' };
    await other.ledger.take(turn, { cluster: 2, pool: 2 });
    const beside = { ...turn, reboot: 'r2', node: 'n2' };
    const still = meanwhile(() => other.ledger.take(beside, { cluster: 2, pool: 2 }));
    expect(await late.ledger.release('r', still)).toBe('released');
    expect(still.asked).toBe(2);
    expect((await other.ledger.read()).turns).toEqual([beside]);
  });
});

describe('what others have made of it', () => {
  it('withdraws the order for its own boot and leaves that for another', async () => {
    await other.cluster.order(n1);
    await late.cluster.withdrawOrder('n1', 'a-boot-long-ago');
    expect(await endBoot()).toBe(n1.bootId);
    await late.cluster.withdrawOrder('n1', n1.bootId);
    expect(await endBoot()).toBeUndefined();
  });

  it('takes its mark off a node that somebody uncordoned, and not off one that they cordoned again', async () => {
    await other.cluster.cordon(n1, 'r');
    expect(await late.cluster.forgetCordon(n1, 'r')).toBe('kept');
    await hand.uncordonAsOther('n1');
    expect(await late.cluster.forgetCordon(n1, 'r2')).toBe('done');
    expect((await node())?.cordonedBy).toBe('r');
    expect(await late.cluster.forgetCordon(n1, 'r')).toBe('done');
    expect((await node())?.cordonedBy).toBeUndefined();
    expect(await late.cluster.forgetCordon({ ...n1, bootId: 'other' }, 'r')).toBe('wrong-boot');
  });

  it('marks a node as it is by the time of the write: not after a boot, and not for a cordon that was taken off', async () => {
    const held: WantedLabels = { ...noManagedLabels, labels: { maintenance: 'true' }, labelsFor: 'r' };
    const whileCordoned = ({ unschedulable }: NodeView): WantedLabels =>
      unschedulable ? held : noManagedLabels;
    await other.cluster.cordon(n1, 'r');
    const uncordoned = meanwhile(() => hand.uncordonAsOther('n1'));
    expect(await late.cluster.label(n1, whileCordoned, uncordoned)).toBe('done');
    expect((await node())?.labels).not.toHaveProperty('maintenance');

    await hand.cordonAsOther('n1');
    const booted = meanwhile(() => hand.setBoot('n1', 'boot-2'));
    expect(await late.cluster.label(n1, whileCordoned, booted)).toBe('wrong-boot');
    expect((await node())?.labels).not.toHaveProperty('maintenance');
  });

  it('remembers the label that stood there when it was overwritten, and not an earlier one', async () => {
    const relabel = (value: string): Promise<unknown> =>
      other.cluster.label(n1, () => ({ ...noManagedLabels, lasting: { maintenance: value } }));
    await relabel('planned');
    const held: WantedLabels = { ...noManagedLabels, labels: { maintenance: 'true' }, labelsFor: 'r' };
    expect(
      await late.cluster.label(
        n1,
        () => held,
        meanwhile(() => relabel('soon')),
      ),
    ).toBe('done');
    expect(await node()).toMatchObject({
      labels: { maintenance: 'true' },
      managed: { labels: { maintenance: { put: 'true', was: 'soon' } } },
    });
    await late.cluster.label(n1, () => noManagedLabels);
    expect((await node())?.labels).toMatchObject({ maintenance: 'soon' });
  });

  it('deletes a Reboot only as it was seen', async () => {
    const seen = await other.store.create(aReboot());
    if (seen === 'exists') throw new Error('it is new');
    const changed = await other.store.save({ ...seen, chat: { replies: { a: '1' } } });
    await late.store.remove(seen.name, seen.version);
    expect(await other.store.get(seen.name)).toBeDefined();
    if (typeof changed === 'string') throw new Error(changed);
    await late.store.remove(seen.name, changed.version);
    expect(await other.store.get(seen.name)).toBeUndefined();
  });
});
