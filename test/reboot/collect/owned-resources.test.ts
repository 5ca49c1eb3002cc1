/** What recovery leaves alone, since a Reboot owns it, also where the watch has not shown that yet. */
import { describe, expect, it } from 'vitest';
import type { DecisionRequest } from '../../../src/reboot/approval/decision-request.ts';
import type { Reboot } from '../../../src/reboot/state/reboot.ts';
import { second } from '../../../src/reboot/time/time.ts';
import { aNode, aPerson, aPolicy, aPool, aReboot, aReport, at } from '../../fakes/builders.ts';
import { type ServiceHarness, serviceHarness } from '../../fakes/service-harness.ts';
import { owed } from '../../fakes/states.ts';

const node = 'worker-03';
const longGone = 'worker-03-long-gone';
const mia = aPerson();
const byMia = { kind: 'user', id: mia.id, name: mia.name } as const;

const says = async (harness: ServiceHarness, name: string, request: DecisionRequest): Promise<void> => {
  await harness.service.decide(name, request, mia);
  await harness.settle();
};
async function approve(harness: ServiceHarness, { name, need }: Reboot): Promise<string> {
  await says(harness, name, { kind: 'approve', mode: 'now', digest: need.digest });
  return name;
}
/** The watch of Reboots shows nothing yet; what is read shows all. */
async function withLateWatch(harness: ServiceHarness, work: () => Promise<void>): Promise<void> {
  const all = harness.store.all.bind(harness.store);
  harness.store.all = () => [];
  await work().finally(() => (harness.store.all = all));
}
const writes = (harness: ServiceHarness): readonly string[] =>
  harness.cluster.log.filter((entry) => /^(withdraw|uncordon|forgetCordon)/.test(entry));
const scan = async (harness: ServiceHarness): Promise<void> => void (await harness.service.resync());

describe('an order that its Reboot owns', () => {
  it.each(['scan', 'look'] as const)('is not withdrawn: %s', async (by) => {
    const harness = serviceHarness();
    await approve(harness, await harness.sentinel());
    harness.cluster.log.length = 0;
    if (by === 'scan') await scan(harness);
    else await harness.queue.reconcileNode(node);
    await harness.settle();
    expect(writes(harness)).toEqual([]);
    expect(harness.cluster.agentOf(node).endBoot).toBe('boot-1');
  });

  it('is not withdrawn before the watch has shown the Reboot', async () => {
    const harness = serviceHarness();
    await approve(harness, await harness.sentinel());
    harness.cluster.log.length = 0;
    await withLateWatch(harness, () => scan(harness));
    expect(writes(harness)).toEqual([]);
  });

  it('is left to its Reboot when the boot that it ends is over', async () => {
    const harness = serviceHarness();
    await approve(harness, await harness.sentinel());
    harness.cluster.node(node).bootId = 'boot-2';
    harness.cluster.log.length = 0;
    await scan(harness);
    expect(writes(harness)).toEqual([]);
  });
});

describe('an order that nobody owns', () => {
  it('for a boot that is over is void, and no reason to write', async () => {
    const harness = serviceHarness();
    await harness.sentinel();
    harness.cluster.agentOf(node).endBoot = 'boot-0';
    harness.cluster.log.length = 0;
    await scan(harness);
    expect(writes(harness)).toEqual([]);
  });

  it('and that was withdrawn meanwhile is no reason to write', async () => {
    const harness = serviceHarness();
    await harness.sentinel();
    const agent = harness.cluster.agent.bind(harness.cluster);
    harness.cluster.agent = (name) => ({ node: name, ...agent(name), endBoot: 'boot-1' });
    harness.cluster.log.length = 0;
    await scan(harness);
    expect(writes(harness)).toEqual([]);
  });

  it('is withdrawn where the agent obeyed an earlier one', async () => {
    const harness = serviceHarness();
    await harness.sentinel();
    const order = { endBoot: 'boot-0', state: 'obeying', at: at(0) } as const;
    Object.assign(harness.cluster.agentOf(node), { endBoot: 'boot-1', report: aReport({ order }) });
    await scan(harness);
    expect(harness.cluster.agentOf(node).endBoot).toBeUndefined();
  });

  it('is withdrawn, and not the one that was given since for the next boot', async () => {
    const harness = serviceHarness();
    await harness.sentinel();
    harness.cluster.agentOf(node).endBoot = 'boot-1';
    const withdraw = harness.cluster.withdrawOrder.bind(harness.cluster);
    harness.cluster.withdrawOrder = async (...args) => {
      harness.cluster.agentOf(node).endBoot = 'boot-2';
      return withdraw(...args);
    };
    await scan(harness);
    expect(harness.cluster.agentOf(node).endBoot).toBe('boot-2');
  });
});

/** Cordoned for a Reboot that is over, whose cordon the Reboot of this boot counts on. */
const foundCordoned = (harness: ServiceHarness): Promise<Reboot> =>
  harness.sentinel({ unschedulable: true, cordonedBy: longGone });

describe('a cordon of a Reboot that is over', () => {
  it('stays while an order stands that the watch has not shown, and goes after it', async () => {
    const harness = serviceHarness();
    await foundCordoned(harness);
    harness.cluster.agentOf(node).endBoot = 'boot-1';
    const agent = harness.cluster.agent.bind(harness.cluster);
    harness.cluster.agent = (name) => ({ node: name, report: aReport() });
    harness.cluster.log.length = 0;
    await scan(harness);
    expect(writes(harness)).toEqual([]);
    expect(harness.cluster.node(node).unschedulable).toBe(true);
    harness.cluster.agent = agent;
    await scan(harness);
    expect(writes(harness)).toEqual([`withdraw ${node}`, `uncordon ${node}`]);
  });

  it('stays while another Reboot counts on it that settles, in the boot after its own', async () => {
    const harness = serviceHarness();
    const name = await approve(harness, await foundCordoned(harness));
    await harness.boots(node);
    expect(harness.reboot(name).state).toMatchObject({ phase: 'Settling', cordon: 'other' });
    await scan(harness);
    expect(harness.cluster.node(node).unschedulable).toBe(true);
    await harness.pass(61 * second);
    await scan(harness);
    expect(harness.reboot(name)).toMatchObject({
      state: { phase: 'Succeeded' },
      cleanup: { endedAt: expect.any(String) },
    });
    expect(harness.cluster.node(node).unschedulable).toBe(false);
  });

  it('stays while another Reboot counts on it that the watch has not shown', async () => {
    const harness = serviceHarness();
    harness.cluster.drains([]);
    const name = await approve(harness, await foundCordoned(harness));
    expect(harness.reboot(name).state).toMatchObject({ phase: 'Draining', cordon: 'other' });
    await withLateWatch(harness, () => scan(harness));
    expect(harness.cluster.node(node)).toMatchObject({ unschedulable: true, cordonedBy: longGone });
  });

  it('goes, whatever Reboots of other nodes are under way', async () => {
    const harness = serviceHarness(aPolicy({ pools: [aPool({ maxUnavailable: { count: 3 } })] }));
    harness.cluster.drains([]);
    await approve(harness, await harness.sentinel({ name: 'worker-04' }));
    await foundCordoned(harness);
    await scan(harness);
    expect(harness.cluster.node(node).unschedulable).toBe(false);
  });

  it('stays when its Reboot claims it again at the last moment', async () => {
    const harness = serviceHarness();
    await foundCordoned(harness);
    const claimed = aReboot({
      name: longGone,
      bootId: 'boot-0',
      state: { phase: 'Cancelled', since: at(0), by: byMia, from: 'Draining' },
      ...owed,
    });
    const uncordon = harness.cluster.uncordon.bind(harness.cluster);
    let tried = 0;
    harness.cluster.uncordon = async (...args) => {
      tried += 1;
      harness.store.put(claimed);
      return uncordon(...args);
    };
    await scan(harness);
    expect(tried).toBe(1);
    expect(harness.cluster.node(node)).toMatchObject({ unschedulable: true, cordonedBy: longGone });
    expect(harness.cluster.events.map(({ reason }) => reason)).not.toContain('RebootRecovered');
  });

  it('stays when somebody has cordoned the node for another Reboot meanwhile', async () => {
    const harness = serviceHarness();
    await foundCordoned(harness);
    const observe = harness.cluster.observe.bind(harness.cluster);
    harness.cluster.observe = async (...args) => {
      harness.cluster.node(node).cordonedBy = 'worker-03-next';
      return observe(...args);
    };
    harness.cluster.log.length = 0;
    await scan(harness);
    expect(writes(harness)).toEqual([]);
    expect(harness.cluster.node(node).unschedulable).toBe(true);
  });

  it('stays while its Reboot cannot be read', async () => {
    const harness = serviceHarness();
    harness.store.put(aReboot({ name: longGone, bootId: 'boot-0' }));
    harness.store.spoil(longGone, 'status.decision: missing');
    harness.cluster.addNode(aNode({ unschedulable: true, cordonedBy: longGone }), { report: aReport() });
    await scan(harness);
    expect(harness.cluster.node(node).unschedulable).toBe(true);
  });

  it('keeps its turn from others while it could not be taken off', async () => {
    const harness = serviceHarness();
    await foundCordoned(harness);
    const turn = { reboot: longGone, node, pool: 'workers', controlPlane: false, since: at(0) };
    await harness.ledger.take(turn, { cluster: 1, pool: 1 });
    const uncordon = harness.cluster.uncordon.bind(harness.cluster);
    harness.cluster.uncordon = async () => 'wrong-boot';
    await scan(harness);
    expect(harness.ledger.now().turns).toEqual([turn]);
    harness.cluster.uncordon = uncordon;
    await scan(harness);
    expect(harness.ledger.now().turns).toEqual([]);
  });
});

describe('after a success', () => {
  /** Proven, and changed at the last moment before it is uncordoned. */
  async function changedBefore(
    change: (harness: ServiceHarness) => void,
  ): Promise<{ harness: ServiceHarness; name: string }> {
    const harness = serviceHarness();
    const name = await approve(harness, await harness.sentinel());
    await harness.boots(node);
    const withdraw = harness.cluster.withdrawOrder.bind(harness.cluster);
    harness.cluster.withdrawOrder = async (...args) => {
      change(harness);
      return withdraw(...args);
    };
    await harness.pass(61 * second);
    return { harness, name };
  }

  it('a node that has booted once more before it is uncordoned stays cordoned', async () => {
    const { harness, name } = await changedBefore(({ cluster }) => {
      cluster.node(node).bootId = 'boot-3';
    });
    expect(harness.reboot(name)).toMatchObject({
      state: { phase: 'Succeeded' },
      cleanup: { staysCordoned: 'another-boot' },
    });
    expect(harness.cluster.node(node)).toMatchObject({ unschedulable: true, cordonedBy: name });
  });

  it('the reason why a node stays cordoned rests on a fresh read', async () => {
    const { harness, name } = await changedBefore(({ cluster }) => {
      Object.assign(cluster.node(node), { bootId: 'boot-3', cordonedBy: 'somebody' });
    });
    expect(harness.reboot(name)).toMatchObject({
      state: { phase: 'Succeeded' },
      cleanup: { staysCordoned: 'not-ours' },
    });
  });
});

describe('a turn', () => {
  it('that the ledger has lost is written back by a scan, also where nobody else wants to start', async () => {
    const harness = serviceHarness();
    const name = await approve(harness, await harness.sentinel());
    await harness.ledger.release(name);
    await scan(harness);
    expect(harness.ledger.now().turns.map(({ reboot }) => reboot)).toEqual([name]);
  });

  it('stays when its Reboot claims it at the last moment', async () => {
    const harness = serviceHarness();
    const name = await approve(harness, await harness.sentinel());
    const claimed = harness.reboot(name);
    harness.store.put({
      ...claimed,
      state: { phase: 'Cancelled', since: at(0), by: byMia, from: 'Draining' },
    });
    const release = harness.ledger.release.bind(harness.ledger);
    harness.ledger.release = async (...args) => {
      harness.store.put(claimed);
      return release(...args);
    };
    await scan(harness);
    expect(harness.ledger.now().turns.map(({ reboot }) => reboot)).toEqual([name]);
  });

  it('is not written back to a Reboot that has ended since the watch showed it', async () => {
    const harness = serviceHarness();
    const name = await approve(harness, await harness.sentinel());
    const stale = harness.store.all();
    await harness.ledger.release(name);
    const state = { phase: 'Cancelled', since: at(0), by: byMia, from: 'Draining' } as const;
    harness.store.put({ ...harness.reboot(name), state });
    harness.store.all = () => stale;
    await scan(harness);
    expect(harness.ledger.now().turns).toEqual([]);
  });
});

describe('a turn of a Reboot that is gone', () => {
  it('stays while its node is cordoned, although the watch has not shown the cordon, and goes after it', async () => {
    const harness = serviceHarness();
    await foundCordoned(harness);
    const turn = { reboot: longGone, node, pool: 'workers', controlPlane: false, since: at(0) };
    await harness.ledger.take(turn, { cluster: 9, pool: 9 });
    const nodes = harness.cluster.nodes.bind(harness.cluster);
    harness.cluster.nodes = () =>
      nodes().map(({ cordonedBy: _late, ...seen }) => ({ ...seen, unschedulable: false }));
    await scan(harness);
    expect(harness.ledger.now().turns.map(({ reboot }) => reboot)).toEqual([longGone]);
    harness.cluster.nodes = nodes;
    await scan(harness);
    expect(harness.cluster.node(node).unschedulable).toBe(false);
    await scan(harness);
    expect(harness.ledger.now().turns).toEqual([]);
  });
});
