/** What held a node back seems to be gone: it is asked about at once, and no more often than that. */
import { describe, expect, it } from 'vitest';
import type { Blocker } from '../../../src/reboot/scheduling/blockers/blockers.ts';
import { second } from '../../../src/reboot/time/time.ts';
import { aPerson, aPolicy, aPool } from '../../fakes/builders.ts';
import { type FakeHouse, fakeHouse } from '../../fakes/fake-house.ts';

const inTheWay: Blocker = {
  code: 'pods-in-the-way',
  sentence: 'A pod on it must not be disturbed: default/build.',
  clears: 'It starts when it has finished.',
};

async function held(house: FakeHouse, node: string): Promise<string> {
  const { name, need } = await house.sentinel({ name: node });
  house.gatekeeper.blocks.set(node, [inTheWay]);
  await house.service.decide(name, { kind: 'approve', mode: 'now', digest: need.digest }, aPerson());
  await house.settle();
  return name;
}
const phase = (house: FakeHouse, name: string): string => house.reboot(name).state.phase;
const roomy = () => aPolicy({ pools: [aPool({ maxUnavailable: { count: 5 } })] });

describe('what held a node back seems to be gone', () => {
  it('is what to watch while it holds, and no longer', async () => {
    const house = fakeHouse(roomy());
    expect(house.service.blockedReboots()).toEqual([]);
    const first = await held(house, 'w1');
    await house.pass(second);
    const later = await held(house, 'w2');
    expect(house.service.blockedReboots().map(({ reboot }) => reboot.name)).toEqual([first, later]);
    house.gatekeeper.blocks.clear();
    await house.service.cleared([first]);
    await house.settle();
    expect(house.service.blockedReboots().map(({ reboot }) => reboot.name)).not.toContain(first);
  });

  it('and it starts, however lately the answer was no', async () => {
    const house = fakeHouse();
    const name = await held(house, 'w1');
    house.gatekeeper.blocks.clear();
    await house.pass(second);
    await house.queue.reconcile(name);
    await house.settle();
    expect(phase(house, name)).toBe('Approved');
    await house.service.cleared([name]);
    await house.settle();
    expect(phase(house, name)).toBe('Rebooting');
  });

  it('and if the answer is still no, it is asked once, and at the usual pace again', async () => {
    const house = fakeHouse();
    const name = await held(house, 'w1');
    await house.pass(second);
    const before = house.gatekeeper.asked.length;
    await house.service.cleared([name]);
    await house.settle();
    for (let wake = 0; wake < 5; wake += 1) {
      await house.queue.reconcile(name);
      await house.settle();
    }
    expect(house.gatekeeper.asked.length).toBe(before + 1);
    expect(phase(house, name)).toBe('Approved');
  });

  it('and if the words have changed, they are stored, and it is not asked over and over', async () => {
    const house = fakeHouse();
    const name = await held(house, 'w1');
    await house.pass(second);
    const before = house.gatekeeper.asked.length;
    house.gatekeeper.blocks.set('w1', [{ ...inTheWay, sentence: 'Another pod.' }]);
    await house.service.cleared([name]);
    await house.settle();
    expect(house.gatekeeper.asked.length).toBe(before + 1);
    expect(house.chat.shown.get(name)?.blockers).toMatchObject([{ sentence: 'Another pod.' }]);
  });

  it('for many at once: they are asked in the order of the plan, until the turn is taken', async () => {
    const house = fakeHouse(roomy());
    const names: string[] = [];
    for (const node of ['w1', 'w2', 'w3']) names.push(await held(house, node));
    house.gatekeeper.blocks.clear();
    await house.pass(second);
    const before = house.gatekeeper.asked.length;
    await house.service.cleared(names.toReversed());
    await house.settle();
    expect(house.gatekeeper.asked.slice(before)).toEqual(['w1']);
    expect(names.map((name) => phase(house, name))).toEqual(['Rebooting', 'Approved', 'Approved']);
    expect(house.service.blockedReboots()).toEqual([]);
  });

  it('and two bots that see it at the same moment ask once: it is left to the plan', async () => {
    const house = fakeHouse();
    const name = await held(house, 'w1');
    await house.pass(second);
    const before = house.gatekeeper.asked.length;
    await Promise.all([house.service.cleared([name]), house.service.cleared([name])]);
    expect(house.gatekeeper.asked.length).toBe(before);
    expect(house.waiting).toEqual([{ kind: 'plan', id: 'all' }]);
    await house.settle();
    await house.service.cleared([name]);
    await house.settle();
    expect(house.gatekeeper.asked.length).toBe(before + 1);
  });

  it('and the next in the order is asked when the first one is still refused', async () => {
    const house = fakeHouse(roomy());
    const names = [await held(house, 'w1'), await held(house, 'w2')];
    house.gatekeeper.blocks.delete('w2');
    await house.pass(second);
    const before = house.gatekeeper.asked.length;
    await house.service.cleared(names);
    await house.settle();
    expect(house.gatekeeper.asked.slice(before)).toEqual(['w1', 'w2']);
    expect(names.map((name) => phase(house, name))).toEqual(['Approved', 'Rebooting']);
  });

  it('is known to the bot that takes up the job, though the one that saw it was killed', async () => {
    const house = fakeHouse();
    const name = await held(house, 'w1');
    house.gatekeeper.blocks.clear();
    await house.pass(second);
    await house.service.cleared([name]);
    house.waiting.length = 0;
    await house.service.resync();
    await house.settle();
    expect(phase(house, name)).toBe('Rebooting');
  });

  it('for one that is gone or decided otherwise, is of no interest', async () => {
    const house = fakeHouse();
    const name = await held(house, 'w1');
    await house.service.decide(name, { kind: 'cancel' }, aPerson());
    await house.settle();
    const before = house.gatekeeper.asked.length;
    await house.service.cleared([name, 'nobody']);
    expect(house.gatekeeper.asked.length).toBe(before);
  });
});

/** By the plan that waits. */
async function woken(house: FakeHouse) {
  expect(house.waiting.splice(0)).toEqual([{ kind: 'plan', id: 'all' }]);
  await house.service.plan();
  return house.waiting;
}

describe('room that may have come back', () => {
  it('wakes nobody when nobody waits', async () => {
    const house = fakeHouse();
    await house.sentinel({ name: 'w1' });
    await house.service.planChanged();
    expect(house.waiting).toEqual([]);
  });

  it('wakes those that may start now, wherever they are', async () => {
    const house = fakeHouse();
    const other = await house.sentinel({ name: 'w2', unschedulable: true });
    const name = await held(house, 'w1');
    expect(other.name).not.toBe(name);
    expect(house.service.blockedReboots()).toEqual([]);
    house.gatekeeper.blocks.clear();
    house.cluster.node('w2').unschedulable = false;
    await house.service.planChanged();
    expect(await woken(house)).toEqual([{ kind: 'start', id: name }]);
    await house.settle();
    expect(phase(house, name)).toBe('Rebooting');
  });

  it('wakes none that the outside holds back', async () => {
    const house = fakeHouse(roomy());
    await held(house, 'w1');
    await house.service.planChanged();
    expect(await woken(house)).toEqual([]);
  });
});
