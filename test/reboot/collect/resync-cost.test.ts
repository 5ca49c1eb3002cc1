import { describe, expect, it } from 'vitest';
import { minute, second } from '../../../src/reboot/time/time.ts';
import { aPerson, aPolicy } from '../../fakes/builders.ts';
import { type FakeHouse, fakeHouse } from '../../fakes/fake-house.ts';

/** A node that asks, and a resync after which nothing is left to do. */
async function waitingHouse() {
  const house = fakeHouse();
  const { name, node } = await house.sentinel();
  for (let round = 0; round < 3; round += 1) await resynced(house);
  return { house, name, node: node.name };
}

async function resynced(house: FakeHouse): Promise<readonly string[]> {
  await house.service.resync();
  const woken = house.waiting.map(({ kind, id }) => `${kind} ${id}`);
  await house.settle();
  return woken;
}

describe('a resync', () => {
  it('wakes nobody who waits for a person, and asks the cluster nothing', async () => {
    const { house } = await waitingHouse();
    house.cluster.log.length = 0;
    expect(await resynced(house)).toEqual([]);
    expect(house.cluster.log).toEqual([]);
  });

  it('wakes a Reboot whose node or report has changed without an event', async () => {
    const { house, name, node } = await waitingHouse();
    house.cluster.node(node).unschedulable = true;
    expect(await resynced(house)).toContain(`advance ${name}`);
    const { report } = house.cluster.agentOf(node);
    if (report) house.cluster.agentOf(node).report = { ...report, packagesLeftOut: 3 };
    expect(await resynced(house)).toContain(`advance ${name}`);
    // For the record of its card, which the change has caused.
    await resynced(house);
    expect(await resynced(house)).toEqual([]);
  });

  it('wakes a Reboot that was changed by another writer', async () => {
    const { house, name } = await waitingHouse();
    house.store.touch(name);
    expect(await resynced(house)).toContain(`advance ${name}`);
  });

  it('wakes an approved Reboot that may start, whose wake-up was lost', async () => {
    const { house, name } = await waitingHouse();
    await house.pauses.put({
      scope: { kind: 'cluster' },
      by: { kind: 'user', id: 'U0MIA', name: 'mia' },
      at: house.reboot(name).createdAt,
      reason: 'a freeze',
    });
    const { digest } = house.reboot(name).need;
    await house.service.decide(name, { kind: 'approve', mode: 'now', digest }, aPerson());
    await house.settle();
    await resynced(house);
    house.cluster.log.length = 0;
    expect(await resynced(house)).toEqual(['plan all']);
    expect(house.cluster.log).toEqual([]);
    await house.pauses.lift({ kind: 'cluster' });
    house.waiting.length = 0;
    await resynced(house);
    expect(house.reboot(name).state.phase).not.toBe('Approved');
  });

  it('schedules the end of a wait again that the queue has lost', async () => {
    const { house, name } = await waitingHouse();
    const until = house.clock.now() + 10 * minute;
    await house.service.decide(name, { kind: 'snooze', until, reason: 'release' }, aPerson());
    await house.settle();
    await resynced(house);
    house.wakes.length = 0;
    house.clock.advance(10 * minute - 10 * second);
    await resynced(house);
    expect(house.wakes).toContainEqual({ at: until, id: name });
    house.wakes.length = 0;
    house.clock.advance(minute);
    await resynced(house);
    expect(house.reboot(name).state.phase).toBe('Pending');
  });

  it('asks for a render again that the queue has lost', async () => {
    const house = fakeHouse();
    const { name } = await house.sentinel();
    for (let round = 0; round < 3; round += 1) await resynced(house);
    house.policy(aPolicy({ cluster: 'prod-us' }));
    await house.service.resync();
    // The card shows the name of the cluster: it is rendered anew, and the job is lost.
    for (const job of house.waiting.splice(0))
      if (job.kind === 'advance') await house.service.reconcile(job.id);
    expect(house.waiting.splice(0)).toContainEqual({ kind: 'render', id: name });
    expect(await resynced(house)).toEqual([`render ${name}`]);
    await resynced(house);
    expect(await resynced(house)).toEqual([]);
  });
});
