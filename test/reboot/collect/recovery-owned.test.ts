/** What recovery leaves alone, since a Reboot owns it, also where the watch has not shown that yet. */
import { describe, expect, it } from 'vitest';
import type { DecisionRequest } from '../../../src/reboot/approval/decision-request.ts';
import type { Reboot } from '../../../src/reboot/state/reboot.ts';
import { second } from '../../../src/reboot/time/time.ts';
import { aNode, aPerson, aPolicy, aPool, aReboot, aReport, at } from '../../fakes/builders.ts';
import { type FakeHouse, fakeHouse } from '../../fakes/fake-house.ts';
import { owed } from '../../fakes/states.ts';

const node = 'worker-03';
const longGone = 'worker-03-long-gone';
const mia = aPerson();
const byMia = { kind: 'user', id: mia.id, name: mia.name } as const;

const says = async (house: FakeHouse, name: string, request: DecisionRequest): Promise<void> => {
  await house.service.decide(name, request, mia);
  await house.settle();
};
async function approve(house: FakeHouse, { name, need }: Reboot): Promise<string> {
  await says(house, name, { kind: 'approve', mode: 'now', digest: need.digest });
  return name;
}
/** The watch of Reboots shows nothing yet; what is read shows all. */
async function withLateWatch(house: FakeHouse, work: () => Promise<void>): Promise<void> {
  const all = house.store.all.bind(house.store);
  house.store.all = () => [];
  await work().finally(() => (house.store.all = all));
}
const writes = (house: FakeHouse): readonly string[] =>
  house.cluster.log.filter((entry) => /^(withdraw|uncordon|forgetCordon)/.test(entry));
const scan = async (house: FakeHouse): Promise<void> => void (await house.service.resync());

describe('an order that its Reboot owns', () => {
  it.each(['scan', 'look'] as const)('is not withdrawn: %s', async (by) => {
    const house = fakeHouse();
    await approve(house, await house.sentinel());
    house.cluster.log.length = 0;
    if (by === 'scan') await scan(house);
    else await house.queue.reconcileNode(node);
    await house.settle();
    expect(writes(house)).toEqual([]);
    expect(house.cluster.agentOf(node).endBoot).toBe('boot-1');
  });

  it('is not withdrawn before the watch has shown the Reboot', async () => {
    const house = fakeHouse();
    await approve(house, await house.sentinel());
    house.cluster.log.length = 0;
    await withLateWatch(house, () => scan(house));
    expect(writes(house)).toEqual([]);
  });

  it('is left to its Reboot when the boot that it ends is over', async () => {
    const house = fakeHouse();
    await approve(house, await house.sentinel());
    house.cluster.node(node).bootId = 'boot-2';
    house.cluster.log.length = 0;
    await scan(house);
    expect(writes(house)).toEqual([]);
  });
});

describe('an order that nobody owns', () => {
  it('for a boot that is over is void, and no reason to write', async () => {
    const house = fakeHouse();
    await house.sentinel();
    house.cluster.agentOf(node).endBoot = 'boot-0';
    house.cluster.log.length = 0;
    await scan(house);
    expect(writes(house)).toEqual([]);
  });

  it('and that was withdrawn meanwhile is no reason to write', async () => {
    const house = fakeHouse();
    await house.sentinel();
    const agent = house.cluster.agent.bind(house.cluster);
    house.cluster.agent = (name) => ({ node: name, ...agent(name), endBoot: 'boot-1' });
    house.cluster.log.length = 0;
    await scan(house);
    expect(writes(house)).toEqual([]);
  });

  it('is withdrawn where the agent obeyed an earlier one', async () => {
    const house = fakeHouse();
    await house.sentinel();
    const order = { endBoot: 'boot-0', state: 'obeying', at: at(0) } as const;
    Object.assign(house.cluster.agentOf(node), { endBoot: 'boot-1', report: aReport({ order }) });
    await scan(house);
    expect(house.cluster.agentOf(node).endBoot).toBeUndefined();
  });

  it('is withdrawn, and not the one that was given since for the next boot', async () => {
    const house = fakeHouse();
    await house.sentinel();
    house.cluster.agentOf(node).endBoot = 'boot-1';
    const withdraw = house.cluster.withdrawOrder.bind(house.cluster);
    house.cluster.withdrawOrder = async (...args) => {
      house.cluster.agentOf(node).endBoot = 'boot-2';
      return withdraw(...args);
    };
    await scan(house);
    expect(house.cluster.agentOf(node).endBoot).toBe('boot-2');
  });
});

/** Cordoned for a Reboot that is over, whose cordon the Reboot of this boot counts on. */
const foundCordoned = (house: FakeHouse): Promise<Reboot> =>
  house.sentinel({ unschedulable: true, cordonedBy: longGone });

describe('a cordon of a Reboot that is over', () => {
  it('stays while an order stands that the watch has not shown, and goes after it', async () => {
    const house = fakeHouse();
    await foundCordoned(house);
    house.cluster.agentOf(node).endBoot = 'boot-1';
    const agent = house.cluster.agent.bind(house.cluster);
    house.cluster.agent = (name) => ({ node: name, report: aReport() });
    house.cluster.log.length = 0;
    await scan(house);
    expect(writes(house)).toEqual([]);
    expect(house.cluster.node(node).unschedulable).toBe(true);
    house.cluster.agent = agent;
    await scan(house);
    expect(writes(house)).toEqual([`withdraw ${node}`, `uncordon ${node}`]);
  });

  it('stays while another Reboot counts on it that settles, in the boot after its own', async () => {
    const house = fakeHouse();
    const name = await approve(house, await foundCordoned(house));
    await house.boots(node);
    expect(house.reboot(name).state).toMatchObject({ phase: 'Settling', cordon: 'other' });
    await scan(house);
    expect(house.cluster.node(node).unschedulable).toBe(true);
    await house.pass(61 * second);
    await scan(house);
    expect(house.reboot(name)).toMatchObject({
      state: { phase: 'Succeeded' },
      cleanup: { endedAt: expect.any(String) },
    });
    expect(house.cluster.node(node).unschedulable).toBe(false);
  });

  it('stays while another Reboot counts on it that the watch has not shown', async () => {
    const house = fakeHouse();
    house.cluster.drains([]);
    const name = await approve(house, await foundCordoned(house));
    expect(house.reboot(name).state).toMatchObject({ phase: 'Draining', cordon: 'other' });
    await withLateWatch(house, () => scan(house));
    expect(house.cluster.node(node)).toMatchObject({ unschedulable: true, cordonedBy: longGone });
  });

  it('goes, whatever Reboots of other nodes are under way', async () => {
    const house = fakeHouse(aPolicy({ pools: [aPool({ maxUnavailable: { count: 3 } })] }));
    house.cluster.drains([]);
    await approve(house, await house.sentinel({ name: 'worker-04' }));
    await foundCordoned(house);
    await scan(house);
    expect(house.cluster.node(node).unschedulable).toBe(false);
  });

  it('stays when its Reboot claims it again at the last moment', async () => {
    const house = fakeHouse();
    await foundCordoned(house);
    const claimed = aReboot({
      name: longGone,
      bootId: 'boot-0',
      state: { phase: 'Cancelled', since: at(0), by: byMia, from: 'Draining' },
      ...owed,
    });
    const uncordon = house.cluster.uncordon.bind(house.cluster);
    let tried = 0;
    house.cluster.uncordon = async (...args) => {
      tried += 1;
      house.store.put(claimed);
      return uncordon(...args);
    };
    await scan(house);
    expect(tried).toBe(1);
    expect(house.cluster.node(node)).toMatchObject({ unschedulable: true, cordonedBy: longGone });
    expect(house.cluster.events.map(({ reason }) => reason)).not.toContain('RebootRecovered');
  });

  it('stays when somebody has cordoned the node for another Reboot meanwhile', async () => {
    const house = fakeHouse();
    await foundCordoned(house);
    const observe = house.cluster.observe.bind(house.cluster);
    house.cluster.observe = async (...args) => {
      house.cluster.node(node).cordonedBy = 'worker-03-next';
      return observe(...args);
    };
    house.cluster.log.length = 0;
    await scan(house);
    expect(writes(house)).toEqual([]);
    expect(house.cluster.node(node).unschedulable).toBe(true);
  });

  it('stays while its Reboot cannot be read', async () => {
    const house = fakeHouse();
    house.store.put(aReboot({ name: longGone, bootId: 'boot-0' }));
    house.store.spoil(longGone, 'status.decision: missing');
    house.cluster.addNode(aNode({ unschedulable: true, cordonedBy: longGone }), { report: aReport() });
    await scan(house);
    expect(house.cluster.node(node).unschedulable).toBe(true);
  });

  it('keeps its turn from others while it could not be taken off', async () => {
    const house = fakeHouse();
    await foundCordoned(house);
    const turn = { reboot: longGone, node, pool: 'workers', controlPlane: false, since: at(0) };
    await house.ledger.take(turn, { cluster: 1, pool: 1 });
    const uncordon = house.cluster.uncordon.bind(house.cluster);
    house.cluster.uncordon = async () => 'wrong-boot';
    await scan(house);
    expect(house.ledger.now().turns).toEqual([turn]);
    house.cluster.uncordon = uncordon;
    await scan(house);
    expect(house.ledger.now().turns).toEqual([]);
  });
});

describe('after a success', () => {
  /** Proven, and changed at the last moment before it is uncordoned. */
  async function changedBefore(
    change: (house: FakeHouse) => void,
  ): Promise<{ house: FakeHouse; name: string }> {
    const house = fakeHouse();
    const name = await approve(house, await house.sentinel());
    await house.boots(node);
    const withdraw = house.cluster.withdrawOrder.bind(house.cluster);
    house.cluster.withdrawOrder = async (...args) => {
      change(house);
      return withdraw(...args);
    };
    await house.pass(61 * second);
    return { house, name };
  }

  it('a node that has booted once more before it is uncordoned stays cordoned', async () => {
    const { house, name } = await changedBefore(({ cluster }) => {
      cluster.node(node).bootId = 'boot-3';
    });
    expect(house.reboot(name)).toMatchObject({
      state: { phase: 'Succeeded' },
      cleanup: { staysCordoned: 'another-boot' },
    });
    expect(house.cluster.node(node)).toMatchObject({ unschedulable: true, cordonedBy: name });
  });

  it('the reason why a node stays cordoned rests on a fresh read', async () => {
    const { house, name } = await changedBefore(({ cluster }) => {
      Object.assign(cluster.node(node), { bootId: 'boot-3', cordonedBy: 'somebody' });
    });
    expect(house.reboot(name)).toMatchObject({
      state: { phase: 'Succeeded' },
      cleanup: { staysCordoned: 'not-ours' },
    });
  });
});

describe('a turn', () => {
  it('that the ledger has lost is written back by a scan, also where nobody else wants to start', async () => {
    const house = fakeHouse();
    const name = await approve(house, await house.sentinel());
    await house.ledger.release(name);
    await scan(house);
    expect(house.ledger.now().turns.map(({ reboot }) => reboot)).toEqual([name]);
  });

  it('stays when its Reboot claims it at the last moment', async () => {
    const house = fakeHouse();
    const name = await approve(house, await house.sentinel());
    const claimed = house.reboot(name);
    house.store.put({
      ...claimed,
      state: { phase: 'Cancelled', since: at(0), by: byMia, from: 'Draining' },
    });
    const release = house.ledger.release.bind(house.ledger);
    house.ledger.release = async (...args) => {
      house.store.put(claimed);
      return release(...args);
    };
    await scan(house);
    expect(house.ledger.now().turns.map(({ reboot }) => reboot)).toEqual([name]);
  });

  it('is not written back to a Reboot that has ended since the watch showed it', async () => {
    const house = fakeHouse();
    const name = await approve(house, await house.sentinel());
    const stale = house.store.all();
    await house.ledger.release(name);
    const state = { phase: 'Cancelled', since: at(0), by: byMia, from: 'Draining' } as const;
    house.store.put({ ...house.reboot(name), state });
    house.store.all = () => stale;
    await scan(house);
    expect(house.ledger.now().turns).toEqual([]);
  });
});

describe('a turn of a Reboot that is gone', () => {
  it('stays while its node is cordoned, although the watch has not shown the cordon, and goes after it', async () => {
    const house = fakeHouse();
    await foundCordoned(house);
    const turn = { reboot: longGone, node, pool: 'workers', controlPlane: false, since: at(0) };
    await house.ledger.take(turn, { cluster: 9, pool: 9 });
    const nodes = house.cluster.nodes.bind(house.cluster);
    house.cluster.nodes = () =>
      nodes().map(({ cordonedBy: _late, ...seen }) => ({ ...seen, unschedulable: false }));
    await scan(house);
    expect(house.ledger.now().turns.map(({ reboot }) => reboot)).toEqual([longGone]);
    house.cluster.nodes = nodes;
    await scan(house);
    expect(house.cluster.node(node).unschedulable).toBe(false);
    await scan(house);
    expect(house.ledger.now().turns).toEqual([]);
  });
});
