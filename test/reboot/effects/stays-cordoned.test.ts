/** Ends that leave the node cordoned: each says so, and is no plain one. */
import { describe, expect, it } from 'vitest';
import { card } from '../../../src/bot/views/card/card.ts';
import { progress } from '../../../src/bot/views/card/thread.ts';
import type { DecisionRequest } from '../../../src/reboot/approval/decision-request.ts';
import type { Reboot } from '../../../src/reboot/state/reboot.ts';
import { minute, second } from '../../../src/reboot/time/time.ts';
import { aDrainPolicy, aPerson, aPolicy, aPool, aReport } from '../../fakes/builders.ts';
import { type FakeHouse, fakeHouse } from '../../fakes/fake-house.ts';

const mia = aPerson();
const node = 'worker-03';

async function approved(house: FakeHouse): Promise<string> {
  const reboot = await house.sentinel({ name: node });
  await says(house, reboot.name, { kind: 'approve', mode: 'now', digest: reboot.need.digest });
  return reboot.name;
}
async function says(house: FakeHouse, name: string, request: DecisionRequest): Promise<void> {
  await house.service.decide(name, request, mia);
  await house.settle();
}
/** By hand, with kubectl: the cordon stays, and is not ours any more. */
const takeMarkOff = (house: FakeHouse): void => void delete house.cluster.node(node).cordonedBy;

const shownOf = (house: FakeHouse, name: string): string => {
  const data = house.chat.shown.get(name);
  if (!data) throw new Error('no card is shown');
  return JSON.stringify([card(data), progress(data)]);
};

function expectToldCordoned(house: FakeHouse, name: string): void {
  expect(house.cluster.node(node).unschedulable).toBe(true);
  expect(house.reboot(name)).toMatchObject({
    cleanup: { endedAt: expect.any(String), staysCordoned: 'not-ours' },
  });
  expect(shownOf(house, name)).toContain('stays cordoned');
  expect(shownOf(house, name)).toContain(`kubectl uncordon ${node}`);
  expect(shownOf(house, name)).not.toMatch(/takes pods again|✓ worker-03|Nothing is left to do/);
  const told = house.cluster.events.filter(({ reason }) => reason === 'RebootStaysCordoned');
  expect(told).toMatchObject([{ type: 'Warning' }]);
  expect(house.cluster.events.map(({ reason }) => reason)).not.toContain('RebootSucceeded');
}

const toSettling = async (house: FakeHouse): Promise<string> => {
  const name = await approved(house);
  await house.boots(node);
  return name;
};

describe('our mark is taken off the cordon by hand', () => {
  it.each([
    ['Draining', true],
    ['Rebooting', false],
  ])('in %s: the reboot succeeds, and says that the node stays cordoned', async (_phase, early) => {
    const house = fakeHouse();
    if (early) house.cluster.drains([], [{ kind: 'drained', pods: 14 }]);
    const name = await approved(house);
    takeMarkOff(house);
    if (early) await house.queue.reconcile(name);
    await house.settle();
    await house.boots(node);
    await house.pass(61 * second);
    expect(house.reboot(name).state.phase).toBe('Succeeded');
    expectToldCordoned(house, name);
  });

  it('in Settling', async () => {
    const house = fakeHouse();
    const name = await toSettling(house);
    takeMarkOff(house);
    await house.pass(61 * second);
    expect(house.reboot(name).state.phase).toBe('Succeeded');
    expectToldCordoned(house, name);
  });

  it('before a cancel', async () => {
    const house = fakeHouse();
    house.cluster.drains([]);
    const name = await approved(house);
    takeMarkOff(house);
    await says(house, name, { kind: 'cancel' });
    expect(house.reboot(name).state.phase).toBe('Cancelled');
    expectToldCordoned(house, name);
  });

  it('before the sentinel is taken away', async () => {
    const house = fakeHouse();
    house.cluster.drains([]);
    const name = await approved(house);
    takeMarkOff(house);
    house.cluster.agentOf(node).report = aReport({ required: 'no', packages: [] });
    await house.queue.reconcileNode(node);
    await house.settle();
    expect(house.reboot(name).state.phase).toBe('Superseded');
    expectToldCordoned(house, name);
  });

  it('before its drain is undone: the reply says that the node stays cordoned', async () => {
    const house = fakeHouse();
    const drain = house.cluster.drain.bind(house.cluster);
    house.cluster.drains([{ kind: 'failed', code: 'drain-error', sentence: 'The API server said no.' }]);
    house.cluster.drain = (request, signal) => {
      takeMarkOff(house);
      return drain(request, signal);
    };
    const name = await approved(house);
    const undone = house.reboot(name).history.find(({ what }) => what === 'undone');
    expect(undone?.reason).toContain('The node stays cordoned');
    expect(house.cluster.node(node).unschedulable).toBe(true);
  });

  it('before a failed drain is skipped', async () => {
    const house = fakeHouse(aPolicy({ pools: [aPool({ drain: aDrainPolicy({ onTimeout: 'fail' }) })] }));
    house.cluster.drains([{ kind: 'failed', code: 'drain-error', sentence: 'The API server said no.' }]);
    const name = await approved(house);
    takeMarkOff(house);
    await says(house, name, { kind: 'skip' });
    expectToldCordoned(house, name);
  });
});

describe('what somebody else had cordoned before', () => {
  const succeeded = async (house: FakeHouse, before: () => void = () => undefined): Promise<Reboot> => {
    const { name, need } = await house.sentinel({ name: node, unschedulable: true });
    await says(house, name, { kind: 'approve', mode: 'now', digest: need.digest });
    await house.boots(node);
    before();
    await house.pass(61 * second);
    return house.reboot(name);
  };

  it('stays so, and that is a plain success', async () => {
    const house = fakeHouse();
    const { name, state, cleanup } = await succeeded(house);
    expect(state).toMatchObject({ phase: 'Succeeded', cordon: 'other' });
    expect(cleanup).toMatchObject({ staysCordoned: 'not-ours' });
    expect(shownOf(house, name)).toMatch(/✓ worker-03.*It stays cordoned: somebody else had cordoned it/);
    expect(house.cluster.events.map(({ reason }) => reason)).not.toContain('RebootStaysCordoned');
  });

  it('and has uncordoned meanwhile is not said to stay cordoned', async () => {
    const house = fakeHouse();
    const { name, state } = await succeeded(house, () => {
      house.cluster.node(node).unschedulable = false;
    });
    expect(state).not.toHaveProperty('staysCordoned');
    expect(shownOf(house, name)).not.toContain('stays cordoned');
  });
});

describe('a node that boots once more between its proof and the uncordon', () => {
  it('stays cordoned by us, also through scans, and a person is asked to look', async () => {
    const house = fakeHouse();
    const name = await toSettling(house);
    const uncordon = house.cluster.uncordon.bind(house.cluster);
    house.cluster.uncordon = async (target, ...rest) => {
      house.cluster.node(node).bootId = 'boot-3';
      return uncordon(target, ...rest);
    };
    await house.pass(61 * second);
    expect(house.reboot(name)).toMatchObject({
      state: { phase: 'Succeeded' },
      cleanup: { staysCordoned: 'another-boot' },
    });
    house.cluster.uncordon = uncordon;
    await house.service.resync();
    await house.settle();
    expect(house.cluster.node(node)).toMatchObject({ unschedulable: true, cordonedBy: name });
    expect(shownOf(house, name)).toContain('booted once more right after it was proven');
    expect(house.ledger.now().turns).toEqual([]);
    await house.pass(minute);
  });
});
