/** What recovery may take away, what it must leave, and in which order. */
import { describe, expect, it } from 'vitest';
import type { DecisionRequest } from '../../../src/reboot/approval/decision-request.ts';
import { PortError } from '../../../src/reboot/ports/port-error.ts';
import type { Turn } from '../../../src/reboot/scheduling/snapshot/ledger.ts';
import { hour, minute, second } from '../../../src/reboot/time/time.ts';
import { aNode, aPerson, aPolicy, aPool, aReport, aWindow, at } from '../../fakes/builders.ts';
import { type FakeHouse, fakeHouse } from '../../fakes/fake-house.ts';

const mia = aPerson();
const two = aPool({ maxUnavailable: { count: 3 } });

async function approved(house: FakeHouse, name = 'worker-03'): Promise<string> {
  const reboot = await house.sentinel({ name });
  await house.service.decide(reboot.name, { kind: 'approve', mode: 'now', digest: reboot.need.digest }, mia);
  await house.settle();
  return reboot.name;
}
const says = async (house: FakeHouse, name: string, request: DecisionRequest): Promise<void> => {
  await house.service.decide(name, request, mia);
  await house.settle();
};
const turnOf = (reboot: string, overrides: Partial<Turn> = {}): Turn => ({
  reboot,
  node: 'worker-03',
  pool: 'workers',
  controlPlane: false,
  since: at(0),
  ...overrides,
});
const scans = async (house: FakeHouse): Promise<void> => {
  await house.service.resync();
  await house.settle();
};

describe('a node that was given up and left cordoned', () => {
  it('stays so, however many reboots are remembered after it and however long ago it was', async () => {
    const house = fakeHouse(aPolicy({ history: { keep: 0, maxAge: minute }, pools: [two] }));
    const name = await approved(house);
    house.cluster.node('worker-03').ready = false;
    await house.pass(11 * minute);
    await says(house, name, { kind: 'skip' });
    Object.assign(house.cluster.node('worker-03'), { bootId: 'boot-2', ready: true });
    await house.pass(hour);
    await scans(house);
    await scans(house);
    expect(house.cluster.node('worker-03')).toMatchObject({ unschedulable: true, cordonedBy: name });
    expect(house.reboot(name).state.phase).toBe('GivenUp');
  });

  it('stays so too when it is asked for again, and nobody has decided yet', async () => {
    const house = fakeHouse();
    const name = await approved(house);
    house.cluster.node('worker-03').ready = false;
    await house.pass(11 * minute);
    await says(house, name, { kind: 'skip' });
    await says(house, name, { kind: 'ask-again' });
    await scans(house);
    expect(house.reboot(name).state.phase).toBe('Pending');
    expect(house.cluster.node('worker-03').unschedulable).toBe(true);
  });
});

describe('a node that a person takes in hand', () => {
  it('loses our mark with its cordon, so that the next cordon is theirs and stays', async () => {
    const house = fakeHouse();
    const name = await approved(house);
    house.cluster.node('worker-03').ready = false;
    await house.pass(11 * minute);
    await says(house, name, { kind: 'skip' });
    house.cluster.node('worker-03').unschedulable = false;
    await house.queue.reconcileNode('worker-03');
    await house.settle();
    expect(house.cluster.node('worker-03').cordonedBy).toBeUndefined();
    house.cluster.node('worker-03').unschedulable = true;
    await house.store.remove(name);
    await scans(house);
    expect(house.cluster.node('worker-03').unschedulable).toBe(true);
  });

  it('keeps a cordon that names the Reboot of another machine', async () => {
    const house = fakeHouse();
    const { name } = await house.sentinel({ name: 'worker-04' });
    house.cluster.addNode(aNode({ name: 'worker-03', unschedulable: true, cordonedBy: name }), {});
    await scans(house);
    expect(house.cluster.node('worker-03').unschedulable).toBe(true);
  });
});

describe('a cordon of a reboot that is over', () => {
  it('is left while the reboot of the next boot counts on it, and goes when that is over too', async () => {
    const house = fakeHouse();
    await house.sentinel({ unschedulable: true, cordonedBy: 'worker-03-long-gone' });
    const [reboot] = house.store.all();
    if (!reboot) throw new Error('no reboot was made');
    await says(house, reboot.name, { kind: 'approve', mode: 'now', digest: reboot.need.digest });
    expect(house.reboot(reboot.name).state).toMatchObject({ phase: 'Rebooting', cordon: 'other' });
    await scans(house);
    expect(house.cluster.node('worker-03').unschedulable).toBe(true);
    await house.boots('worker-03');
    await house.pass(61 * second);
    expect(house.reboot(reboot.name)).toMatchObject({
      state: { phase: 'Succeeded' },
      cleanup: { endedAt: expect.any(String) },
    });
    await scans(house);
    expect(house.cluster.node('worker-03').unschedulable).toBe(false);
  });
});

describe('a turn', () => {
  it('is not kept by a reboot whose decision lapsed between the turn and its record', async () => {
    const house = fakeHouse();
    const { name } = await house.sentinel();
    await house.ledger.take(turnOf(name), { cluster: 1, pool: 1 });
    await scans(house);
    expect(house.reboot(name).state.phase).toBe('Pending');
    expect(house.ledger.now().turns).toEqual([]);
  });

  it('is given back by who may not start any more, since the window closed', async () => {
    const house = fakeHouse(aPolicy({ pools: [aPool({ windows: [aWindow()] })] }));
    const { name, need } = await house.sentinel();
    await house.ledger.take(turnOf(name), { cluster: 1, pool: 1 });
    await says(house, name, { kind: 'approve', mode: 'window', digest: need.digest });
    expect(house.reboot(name).state.phase).toBe('Approved');
    expect(house.ledger.now().turns).toEqual([]);
  });

  it('is written back when the ledger was deleted under a reboot that is under way, before anything else starts', async () => {
    const house = fakeHouse(aPolicy({ pools: [two] }));
    const first = await approved(house, 'worker-03');
    await house.ledger.release(first);
    const next = await approved(house, 'worker-04');
    expect(house.reboot(next).state.phase).toBe('Approved');
    expect(house.ledger.now().turns.map(({ reboot }) => reboot)).toEqual([first]);
    await house.ledger.release(first);
    await scans(house);
    expect(house.ledger.now().turns.map(({ reboot }) => reboot)).toEqual([first]);
  });

  it('is not written back to a start that has not come to its cordon: that one waits until a turn is free', async () => {
    const house = fakeHouse(aPolicy({ pools: [two] }));
    const first = await approved(house, 'worker-03');
    const { name, need } = await house.sentinel({ name: 'worker-04' });
    await house.service.decide(name, { kind: 'approve', mode: 'now', digest: need.digest }, mia);
    const reboot = house.reboot(name);
    if (reboot.state.phase !== 'Approved') throw new Error('it waits for its turn');
    const { decision } = reboot.state;
    house.store.put({
      ...reboot,
      state: { phase: 'Draining', since: at(0), deadline: at(hour), decision },
    });
    await scans(house);
    expect(house.ledger.now().turns.map((turn) => turn.reboot)).toEqual([first]);
    expect(house.cluster.node('worker-04').unschedulable).toBe(false);
  });

  it('goes last: after the order, and after the cordon', async () => {
    const house = fakeHouse();
    const name = await approved(house);
    await house.store.remove(name);
    const released = house.ledger.release.bind(house.ledger);
    house.ledger.release = (...args) => {
      house.cluster.log.push('release');
      return released(...args);
    };
    house.cluster.log.length = 0;
    await scans(house);
    const writes = house.cluster.log.filter((entry) => /^(withdraw|uncordon|release)/.test(entry));
    expect([...new Set(writes)]).toEqual(['withdraw worker-03', 'uncordon worker-03', 'release']);
  });
});

describe('an order that nobody owns', () => {
  it('and that was obeyed already keeps its node cordoned, and its turn, until the node has booted', async () => {
    const house = fakeHouse();
    const name = await approved(house);
    const order = { endBoot: 'boot-1', state: 'obeying', at: at(0) } as const;
    house.cluster.agentOf('worker-03').report = aReport({ order });
    await house.store.remove(name);
    await scans(house);
    expect(house.cluster.node('worker-03').unschedulable).toBe(true);
    expect(house.ledger.now().turns).toHaveLength(1);
    expect(house.cluster.events.at(-1)).toMatchObject({ type: 'Warning', reason: 'RebootUnowned' });
    await house.boots('worker-03');
    await house.store.remove(name);
    await scans(house);
    expect(house.cluster.node('worker-03').unschedulable).toBe(false);
    expect(house.ledger.now().turns).toEqual([]);
  });

  it('is withdrawn as soon as its node is looked at', async () => {
    const house = fakeHouse();
    await house.sentinel();
    house.cluster.agentOf('worker-03').endBoot = 'boot-1';
    await house.queue.reconcileNode('worker-03');
    await house.settle();
    expect(house.cluster.agentOf('worker-03').endBoot).toBeUndefined();
  });
});

describe('an order and a cordon', () => {
  const refused = { endBoot: 'boot-1', state: 'refused', at: at(0), message: 'no' } as const;

  it('an order for the boot that runs is withdrawn before its node is uncordoned, whoever gave it', async () => {
    const house = fakeHouse();
    await approved(house);
    await house.boots('worker-03');
    house.cluster.agentOf('worker-03').endBoot = 'boot-2';
    house.cluster.log.length = 0;
    await house.pass(61 * second);
    const writes = house.cluster.log.filter((entry) => /^(withdraw|uncordon)/.test(entry));
    expect(writes).toEqual(['withdraw worker-03', 'withdraw worker-03', 'uncordon worker-03']);
    expect(house.cluster.agentOf('worker-03').endBoot).toBeUndefined();
  });

  it('a node whose agent obeyed in the last moment is not uncordoned before it has booted', async () => {
    const house = fakeHouse();
    const name = await approved(house);
    house.cluster.agentOf('worker-03').report = aReport({ order: refused });
    await house.pass(11 * minute);
    expect(house.reboot(name).state).toMatchObject({ phase: 'Failed', code: 'did-not-reboot' });
    house.cluster.agentOf('worker-03').report = aReport({ order: { ...refused, state: 'obeying' } });
    await house.service.decide(name, { kind: 'skip' }, mia);
    await house.settle();
    expect(house.reboot(name)).toMatchObject({ cleanup: { goesDown: { overdue: false } } });
    expect(house.reboot(name).cleanup).not.toHaveProperty('endedAt');
    expect(house.cluster.node('worker-03').unschedulable).toBe(true);
    expect(house.ledger.now().turns).toHaveLength(1);
    await house.boots('worker-03');
    expect(house.cluster.node('worker-03').unschedulable).toBe(false);
    expect(house.ledger.now().turns).toEqual([]);
  });

  it('an order that lands after its reboot failed is taken back by its clean-up', async () => {
    const house = fakeHouse();
    const { name } = await house.sentinel();
    const order = house.cluster.order.bind(house.cluster);
    house.cluster.order = async (target, still) => {
      expect(await still?.()).toBe(true);
      const reboot = house.reboot(name);
      if (reboot.state.phase !== 'Rebooting') throw new Error('it is ordered in no other phase');
      const failure = { code: 'did-not-reboot', sentence: 'x' } as const;
      house.store.put({
        ...reboot,
        state: { phase: 'Failed', since: at(0), from: reboot.state, ...failure },
        cleanup: { since: at(0) },
      });
      return order(target);
    };
    await says(house, name, { kind: 'approve', mode: 'now', digest: house.reboot(name).need.digest });
    await house.queue.reconcile(name);
    await house.settle();
    expect(house.reboot(name).state.phase).toBe('Failed');
    expect(house.cluster.agentOf('worker-03').endBoot).toBeUndefined();
  });
});

describe('recovery', () => {
  it('does not let one node that cannot be mended keep the others waiting', async () => {
    const house = fakeHouse(
      aPolicy({ concurrency: 2, pools: [aPool({ concurrency: 2, maxUnavailable: { count: 2 } })] }),
    );
    const first = await approved(house, 'worker-03');
    const second = await approved(house, 'worker-04');
    await house.store.remove(first);
    await house.store.remove(second);
    const withdraw = house.cluster.withdrawOrder.bind(house.cluster);
    house.cluster.withdrawOrder = async (node, endBoot) => {
      if (node === 'worker-03') throw new PortError('cluster-refused', 'not ours', { retryable: false });
      return withdraw(node, endBoot);
    };
    await expect(house.service.resync()).rejects.toThrow('not ours');
    for (let time = 0; time < 3; time += 1) await house.settle().catch(() => undefined);
    expect(house.cluster.node('worker-04').unschedulable).toBe(false);
    // An order that stands may still be obeyed: its turn is not given to another.
    expect(house.ledger.now().turns.map(({ node }) => node)).toEqual(['worker-03']);
  });

  it('does not let one Reboot that cannot be read keep the turns of others', async () => {
    const house = fakeHouse();
    await house.ledger.take(turnOf('unreadable'), { cluster: 2, pool: 2 });
    await house.ledger.take(turnOf('gone', { node: 'worker-04' }), { cluster: 2, pool: 2 });
    const get = house.store.get.bind(house.store);
    house.store.get = async (name) => {
      if (name === 'unreadable')
        throw new PortError('cluster-invalid', 'cannot be read', { retryable: false });
      return get(name);
    };
    await expect(house.service.resync()).rejects.toThrow('cannot be read');
    expect(house.ledger.now().turns.map(({ reboot }) => reboot)).toEqual(['unreadable']);
  });

  it('prunes nothing that was changed since it was looked at', async () => {
    const house = fakeHouse(aPolicy({ history: { keep: 0, maxAge: minute } }));
    const name = await approved(house);
    await house.boots('worker-03');
    await house.pass(61 * second);
    const stale = house.store.all();
    house.store.touch(name);
    house.store.all = () => stale;
    await house.service.resync();
    expect(await house.store.get(name)).toBeDefined();
  });
});

describe('a reboot whose pool was taken out of the configuration', () => {
  it('is drained by the strictest rules, and not by those of another pool', async () => {
    const house = fakeHouse();
    house.cluster.drains([]);
    const name = await approved(house);
    const lax = aPool({ name: 'other' });
    house.policy(
      aPolicy({
        pools: [{ ...lax, drain: { ...lax.drain, onTimeout: 'force', podsWithoutController: 'evict' } }],
      }),
    );
    const asked: unknown[] = [];
    const drain = house.cluster.drain.bind(house.cluster);
    house.cluster.drain = (request, signal) => {
      asked.push(request.policy);
      return drain(request, signal);
    };
    await house.service.reconcile(name);
    await house.settle();
    expect(asked).toMatchObject([
      { onTimeout: 'undo', podsWithoutController: 'refuse', deleteEmptyDirData: false },
    ]);
  });
});
