/** What held a node back seems to be gone: it is asked about at once, and no more often than that. */
import { describe, expect, it } from 'vitest';
import type { Blocker } from '../../../src/reboot/scheduling/blockers/blockers.ts';
import { second } from '../../../src/reboot/time/time.ts';
import { aPerson, aPolicy, aPool } from '../../fakes/builders.ts';
import { type ServiceHarness, serviceHarness } from '../../fakes/service-harness.ts';

const inTheWay: Blocker = {
  code: 'pods-in-the-way',
  sentence: 'A pod on it must not be disturbed: default/build.',
  clears: 'It starts when it has finished.',
};

async function held(harness: ServiceHarness, node: string): Promise<string> {
  const { name, need } = await harness.sentinel({ name: node });
  harness.gatekeeper.blocks.set(node, [inTheWay]);
  await harness.service.decide(name, { kind: 'approve', mode: 'now', digest: need.digest }, aPerson());
  await harness.settle();
  return name;
}
const phase = (harness: ServiceHarness, name: string): string => harness.reboot(name).state.phase;
const roomy = () => aPolicy({ pools: [aPool({ maxUnavailable: { count: 5 } })] });

describe('what held a node back seems to be gone', () => {
  it('is what to watch while it holds, and no longer', async () => {
    const harness = serviceHarness(roomy());
    expect(harness.service.blockedReboots()).toEqual([]);
    const first = await held(harness, 'w1');
    await harness.pass(second);
    const later = await held(harness, 'w2');
    expect(harness.service.blockedReboots().map(({ reboot }) => reboot.name)).toEqual([first, later]);
    harness.gatekeeper.blocks.clear();
    await harness.service.cleared([first]);
    await harness.settle();
    expect(harness.service.blockedReboots().map(({ reboot }) => reboot.name)).not.toContain(first);
  });

  it('and it starts, however lately the answer was no', async () => {
    const harness = serviceHarness();
    const name = await held(harness, 'w1');
    harness.gatekeeper.blocks.clear();
    await harness.pass(second);
    await harness.queue.reconcile(name);
    await harness.settle();
    expect(phase(harness, name)).toBe('Approved');
    await harness.service.cleared([name]);
    await harness.settle();
    expect(phase(harness, name)).toBe('Rebooting');
  });

  it('and if the answer is still no, it is asked once, and at the usual pace again', async () => {
    const harness = serviceHarness();
    const name = await held(harness, 'w1');
    await harness.pass(second);
    const before = harness.gatekeeper.asked.length;
    await harness.service.cleared([name]);
    await harness.settle();
    for (let wake = 0; wake < 5; wake += 1) {
      await harness.queue.reconcile(name);
      await harness.settle();
    }
    expect(harness.gatekeeper.asked.length).toBe(before + 1);
    expect(phase(harness, name)).toBe('Approved');
  });

  it('and if the words have changed, they are stored, and it is not asked over and over', async () => {
    const harness = serviceHarness();
    const name = await held(harness, 'w1');
    await harness.pass(second);
    const before = harness.gatekeeper.asked.length;
    harness.gatekeeper.blocks.set('w1', [{ ...inTheWay, sentence: 'Another pod.' }]);
    await harness.service.cleared([name]);
    await harness.settle();
    expect(harness.gatekeeper.asked.length).toBe(before + 1);
    expect(harness.chat.cards.get(name)?.blockers).toMatchObject([{ sentence: 'Another pod.' }]);
  });

  it('for many at once: they are asked in the order of the plan, until the turn is taken', async () => {
    const harness = serviceHarness(roomy());
    const names: string[] = [];
    for (const node of ['w1', 'w2', 'w3']) names.push(await held(harness, node));
    harness.gatekeeper.blocks.clear();
    await harness.pass(second);
    const before = harness.gatekeeper.asked.length;
    await harness.service.cleared(names.toReversed());
    await harness.settle();
    expect(harness.gatekeeper.asked.slice(before)).toEqual(['w1']);
    expect(names.map((name) => phase(harness, name))).toEqual(['Rebooting', 'Approved', 'Approved']);
    expect(harness.service.blockedReboots()).toEqual([]);
  });

  it('and two bots that see it at the same moment ask once: it is left to the plan', async () => {
    const harness = serviceHarness();
    const name = await held(harness, 'w1');
    await harness.pass(second);
    const before = harness.gatekeeper.asked.length;
    await Promise.all([harness.service.cleared([name]), harness.service.cleared([name])]);
    expect(harness.gatekeeper.asked.length).toBe(before);
    expect(harness.waiting).toEqual([{ kind: 'plan', id: 'all' }]);
    await harness.settle();
    await harness.service.cleared([name]);
    await harness.settle();
    expect(harness.gatekeeper.asked.length).toBe(before + 1);
  });

  it('and the next in the order is asked when the first one is still refused', async () => {
    const harness = serviceHarness(roomy());
    const names = [await held(harness, 'w1'), await held(harness, 'w2')];
    harness.gatekeeper.blocks.delete('w2');
    await harness.pass(second);
    const before = harness.gatekeeper.asked.length;
    await harness.service.cleared(names);
    await harness.settle();
    expect(harness.gatekeeper.asked.slice(before)).toEqual(['w1', 'w2']);
    expect(names.map((name) => phase(harness, name))).toEqual(['Approved', 'Rebooting']);
  });

  it('is known to the bot that takes up the job, though the one that saw it was killed', async () => {
    const harness = serviceHarness();
    const name = await held(harness, 'w1');
    harness.gatekeeper.blocks.clear();
    await harness.pass(second);
    await harness.service.cleared([name]);
    harness.waiting.length = 0;
    await harness.service.resync();
    await harness.settle();
    expect(phase(harness, name)).toBe('Rebooting');
  });

  it('for one that is gone or decided otherwise, is of no interest', async () => {
    const harness = serviceHarness();
    const name = await held(harness, 'w1');
    await harness.service.decide(name, { kind: 'cancel' }, aPerson());
    await harness.settle();
    const before = harness.gatekeeper.asked.length;
    await harness.service.cleared([name, 'nobody']);
    expect(harness.gatekeeper.asked.length).toBe(before);
  });
});

/** By the plan that waits. */
async function woken(harness: ServiceHarness) {
  expect(harness.waiting.splice(0)).toEqual([{ kind: 'plan', id: 'all' }]);
  await harness.service.plan();
  return harness.waiting;
}

describe('room that may have come back', () => {
  it('wakes nobody when nobody waits', async () => {
    const harness = serviceHarness();
    await harness.sentinel({ name: 'w1' });
    await harness.service.planChanged();
    expect(harness.waiting).toEqual([]);
  });

  it('wakes those that may start now, wherever they are', async () => {
    const harness = serviceHarness();
    const other = await harness.sentinel({ name: 'w2', unschedulable: true });
    const name = await held(harness, 'w1');
    expect(other.name).not.toBe(name);
    expect(harness.service.blockedReboots()).toEqual([]);
    harness.gatekeeper.blocks.clear();
    harness.cluster.node('w2').unschedulable = false;
    await harness.service.planChanged();
    expect(await woken(harness)).toEqual([{ kind: 'start', id: name }]);
    await harness.settle();
    expect(phase(harness, name)).toBe('Rebooting');
  });

  it('wakes none that the outside holds back', async () => {
    const harness = serviceHarness(roomy());
    await held(harness, 'w1');
    await harness.service.planChanged();
    expect(await woken(harness)).toEqual([]);
  });
});
