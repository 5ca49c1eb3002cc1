/** What recovery may take away, what it must leave, and in which order. */
import { describe, expect, it } from 'vitest';
import type { DecisionRequest } from '../../../src/reboot/approval/decision-request.ts';
import { PortError } from '../../../src/reboot/ports/port-error.ts';
import type { Turn } from '../../../src/reboot/scheduling/snapshot/ledger.ts';
import { hour, minute, second } from '../../../src/reboot/time/time.ts';
import { aNode, aPerson, aPolicy, aPool, aReport, aWindow, at } from '../../fakes/builders.ts';
import { type ServiceHarness, serviceHarness } from '../../fakes/service-harness.ts';

const mia = aPerson();
const two = aPool({ maxUnavailable: { count: 3 } });

async function approved(harness: ServiceHarness, name = 'worker-03'): Promise<string> {
  const reboot = await harness.sentinel({ name });
  await harness.service.decide(
    reboot.name,
    { kind: 'approve', mode: 'now', digest: reboot.need.digest },
    mia,
  );
  await harness.settle();
  return reboot.name;
}
const says = async (harness: ServiceHarness, name: string, request: DecisionRequest): Promise<void> => {
  await harness.service.decide(name, request, mia);
  await harness.settle();
};
const turnOf = (reboot: string, overrides: Partial<Turn> = {}): Turn => ({
  reboot,
  node: 'worker-03',
  pool: 'workers',
  controlPlane: false,
  since: at(0),
  ...overrides,
});
const scans = async (harness: ServiceHarness): Promise<void> => {
  await harness.service.resync();
  await harness.settle();
};

describe('a node that was given up and left cordoned', () => {
  it('stays so, however many reboots are remembered after it and however long ago it was', async () => {
    const harness = serviceHarness(aPolicy({ history: { keep: 0, maxAge: minute }, pools: [two] }));
    const name = await approved(harness);
    harness.cluster.node('worker-03').ready = false;
    await harness.pass(11 * minute);
    await says(harness, name, { kind: 'skip' });
    Object.assign(harness.cluster.node('worker-03'), { bootId: 'boot-2', ready: true });
    await harness.pass(hour);
    await scans(harness);
    await scans(harness);
    expect(harness.cluster.node('worker-03')).toMatchObject({ unschedulable: true, cordonedBy: name });
    expect(harness.reboot(name).state.phase).toBe('GivenUp');
  });

  it('stays so too when it is asked for again, and nobody has decided yet', async () => {
    const harness = serviceHarness();
    const name = await approved(harness);
    harness.cluster.node('worker-03').ready = false;
    await harness.pass(11 * minute);
    await says(harness, name, { kind: 'skip' });
    await says(harness, name, { kind: 'ask-again' });
    await scans(harness);
    expect(harness.reboot(name).state.phase).toBe('Pending');
    expect(harness.cluster.node('worker-03').unschedulable).toBe(true);
  });
});

describe('a node that a person takes in hand', () => {
  it('loses our mark with its cordon, so that the next cordon is theirs and stays', async () => {
    const harness = serviceHarness();
    const name = await approved(harness);
    harness.cluster.node('worker-03').ready = false;
    await harness.pass(11 * minute);
    await says(harness, name, { kind: 'skip' });
    harness.cluster.node('worker-03').unschedulable = false;
    await harness.queue.reconcileNode('worker-03');
    await harness.settle();
    expect(harness.cluster.node('worker-03').cordonedBy).toBeUndefined();
    harness.cluster.node('worker-03').unschedulable = true;
    await harness.store.remove(name);
    await scans(harness);
    expect(harness.cluster.node('worker-03').unschedulable).toBe(true);
  });

  it('keeps a cordon that names the Reboot of another machine', async () => {
    const harness = serviceHarness();
    const { name } = await harness.sentinel({ name: 'worker-04' });
    harness.cluster.addNode(aNode({ name: 'worker-03', unschedulable: true, cordonedBy: name }), {});
    await scans(harness);
    expect(harness.cluster.node('worker-03').unschedulable).toBe(true);
  });
});

describe('a cordon of a reboot that is over', () => {
  it('is left while the reboot of the next boot counts on it, and goes when that is over too', async () => {
    const harness = serviceHarness();
    await harness.sentinel({ unschedulable: true, cordonedBy: 'worker-03-long-gone' });
    const [reboot] = harness.store.all();
    if (!reboot) throw new Error('no reboot was made');
    await says(harness, reboot.name, { kind: 'approve', mode: 'now', digest: reboot.need.digest });
    expect(harness.reboot(reboot.name).state).toMatchObject({ phase: 'Rebooting', cordon: 'other' });
    await scans(harness);
    expect(harness.cluster.node('worker-03').unschedulable).toBe(true);
    await harness.boots('worker-03');
    await harness.pass(61 * second);
    expect(harness.reboot(reboot.name)).toMatchObject({
      state: { phase: 'Succeeded' },
      cleanup: { endedAt: expect.any(String) },
    });
    await scans(harness);
    expect(harness.cluster.node('worker-03').unschedulable).toBe(false);
  });
});

describe('a turn', () => {
  it('is not kept by a reboot whose decision lapsed between the turn and its record', async () => {
    const harness = serviceHarness();
    const { name } = await harness.sentinel();
    await harness.ledger.take(turnOf(name), { cluster: 1, pool: 1 });
    await scans(harness);
    expect(harness.reboot(name).state.phase).toBe('Pending');
    expect(harness.ledger.now().turns).toEqual([]);
  });

  it('is given back by who may not start any more, since the window closed', async () => {
    const harness = serviceHarness(aPolicy({ pools: [aPool({ windows: [aWindow()] })] }));
    const { name, need } = await harness.sentinel();
    await harness.ledger.take(turnOf(name), { cluster: 1, pool: 1 });
    await says(harness, name, { kind: 'approve', mode: 'window', digest: need.digest });
    expect(harness.reboot(name).state.phase).toBe('Approved');
    expect(harness.ledger.now().turns).toEqual([]);
  });

  it('is written back when the ledger was deleted under a reboot that is under way, before anything else starts', async () => {
    const harness = serviceHarness(aPolicy({ pools: [two] }));
    const first = await approved(harness, 'worker-03');
    await harness.ledger.release(first);
    const next = await approved(harness, 'worker-04');
    expect(harness.reboot(next).state.phase).toBe('Approved');
    expect(harness.ledger.now().turns.map(({ reboot }) => reboot)).toEqual([first]);
    await harness.ledger.release(first);
    await scans(harness);
    expect(harness.ledger.now().turns.map(({ reboot }) => reboot)).toEqual([first]);
  });

  it('is not written back to a start that has not come to its cordon: that one waits until a turn is free', async () => {
    const harness = serviceHarness(aPolicy({ pools: [two] }));
    const first = await approved(harness, 'worker-03');
    const { name, need } = await harness.sentinel({ name: 'worker-04' });
    await harness.service.decide(name, { kind: 'approve', mode: 'now', digest: need.digest }, mia);
    const reboot = harness.reboot(name);
    if (reboot.state.phase !== 'Approved') throw new Error('it waits for its turn');
    const { decision } = reboot.state;
    harness.store.put({
      ...reboot,
      state: { phase: 'Draining', since: at(0), deadline: at(hour), decision },
    });
    await scans(harness);
    expect(harness.ledger.now().turns.map((turn) => turn.reboot)).toEqual([first]);
    expect(harness.cluster.node('worker-04').unschedulable).toBe(false);
  });

  it('goes last: after the order, and after the cordon', async () => {
    const harness = serviceHarness();
    const name = await approved(harness);
    await harness.store.remove(name);
    const released = harness.ledger.release.bind(harness.ledger);
    harness.ledger.release = (...args) => {
      harness.cluster.log.push('release');
      return released(...args);
    };
    harness.cluster.log.length = 0;
    await scans(harness);
    const writes = harness.cluster.log.filter((entry) => /^(withdraw|uncordon|release)/.test(entry));
    expect([...new Set(writes)]).toEqual(['withdraw worker-03', 'uncordon worker-03', 'release']);
  });
});

describe('an order that nobody owns', () => {
  it('and that was obeyed already keeps its node cordoned, and its turn, until the node has booted', async () => {
    const harness = serviceHarness();
    const name = await approved(harness);
    const order = { endBoot: 'boot-1', state: 'obeying', at: at(0) } as const;
    harness.cluster.agentOf('worker-03').report = aReport({ order });
    await harness.store.remove(name);
    await scans(harness);
    expect(harness.cluster.node('worker-03').unschedulable).toBe(true);
    expect(harness.ledger.now().turns).toHaveLength(1);
    expect(harness.cluster.events.at(-1)).toMatchObject({ type: 'Warning', reason: 'RebootUnowned' });
    await harness.boots('worker-03');
    await harness.store.remove(name);
    await scans(harness);
    expect(harness.cluster.node('worker-03').unschedulable).toBe(false);
    expect(harness.ledger.now().turns).toEqual([]);
  });

  it('is withdrawn as soon as its node is looked at', async () => {
    const harness = serviceHarness();
    await harness.sentinel();
    harness.cluster.agentOf('worker-03').endBoot = 'boot-1';
    await harness.queue.reconcileNode('worker-03');
    await harness.settle();
    expect(harness.cluster.agentOf('worker-03').endBoot).toBeUndefined();
  });
});

describe('an order and a cordon', () => {
  const refused = { endBoot: 'boot-1', state: 'refused', at: at(0), message: 'no' } as const;

  it('an order for the boot that runs is withdrawn before its node is uncordoned, no matter which Reboot gave it', async () => {
    const harness = serviceHarness();
    await approved(harness);
    await harness.boots('worker-03');
    harness.cluster.agentOf('worker-03').endBoot = 'boot-2';
    harness.cluster.log.length = 0;
    await harness.pass(61 * second);
    const writes = harness.cluster.log.filter((entry) => /^(withdraw|uncordon)/.test(entry));
    expect(writes).toEqual(['withdraw worker-03', 'withdraw worker-03', 'uncordon worker-03']);
    expect(harness.cluster.agentOf('worker-03').endBoot).toBeUndefined();
  });

  it('a node whose agent obeyed in the last moment is not uncordoned before it has booted', async () => {
    const harness = serviceHarness();
    const name = await approved(harness);
    harness.cluster.agentOf('worker-03').report = aReport({ order: refused });
    await harness.pass(11 * minute);
    expect(harness.reboot(name).state).toMatchObject({ phase: 'Failed', code: 'did-not-reboot' });
    harness.cluster.agentOf('worker-03').report = aReport({ order: { ...refused, state: 'obeying' } });
    await harness.service.decide(name, { kind: 'skip' }, mia);
    await harness.settle();
    expect(harness.reboot(name)).toMatchObject({ cleanup: { goesDown: { overdue: false } } });
    expect(harness.reboot(name).cleanup).not.toHaveProperty('endedAt');
    expect(harness.cluster.node('worker-03').unschedulable).toBe(true);
    expect(harness.ledger.now().turns).toHaveLength(1);
    await harness.boots('worker-03');
    expect(harness.cluster.node('worker-03').unschedulable).toBe(false);
    expect(harness.ledger.now().turns).toEqual([]);
  });

  it('an order that lands after its reboot failed is taken back by its clean-up', async () => {
    const harness = serviceHarness();
    const { name } = await harness.sentinel();
    const order = harness.cluster.order.bind(harness.cluster);
    harness.cluster.order = async (target, still) => {
      expect(await still?.()).toBe(true);
      const reboot = harness.reboot(name);
      if (reboot.state.phase !== 'Rebooting') throw new Error('it is ordered in no other phase');
      const failure = { code: 'did-not-reboot', sentence: 'x' } as const;
      harness.store.put({
        ...reboot,
        state: { phase: 'Failed', since: at(0), from: reboot.state, ...failure },
        cleanup: { since: at(0) },
      });
      return order(target);
    };
    await says(harness, name, { kind: 'approve', mode: 'now', digest: harness.reboot(name).need.digest });
    await harness.queue.reconcile(name);
    await harness.settle();
    expect(harness.reboot(name).state.phase).toBe('Failed');
    expect(harness.cluster.agentOf('worker-03').endBoot).toBeUndefined();
  });
});

describe('recovery', () => {
  it('does not let one node that cannot be mended keep the others waiting', async () => {
    const harness = serviceHarness(
      aPolicy({ concurrency: 2, pools: [aPool({ concurrency: 2, maxUnavailable: { count: 2 } })] }),
    );
    const first = await approved(harness, 'worker-03');
    const second = await approved(harness, 'worker-04');
    await harness.store.remove(first);
    await harness.store.remove(second);
    const withdraw = harness.cluster.withdrawOrder.bind(harness.cluster);
    harness.cluster.withdrawOrder = async (node, endBoot) => {
      if (node === 'worker-03') throw new PortError('cluster-refused', 'not ours', { retryable: false });
      return withdraw(node, endBoot);
    };
    await expect(harness.service.resync()).rejects.toThrow('not ours');
    for (let time = 0; time < 3; time += 1) await harness.settle().catch(() => undefined);
    expect(harness.cluster.node('worker-04').unschedulable).toBe(false);
    // An order that stands may still be obeyed: its turn is not given to another.
    expect(harness.ledger.now().turns.map(({ node }) => node)).toEqual(['worker-03']);
  });

  it('does not let one Reboot that cannot be read keep the turns of others', async () => {
    const harness = serviceHarness();
    await harness.ledger.take(turnOf('unreadable'), { cluster: 2, pool: 2 });
    await harness.ledger.take(turnOf('gone', { node: 'worker-04' }), { cluster: 2, pool: 2 });
    const get = harness.store.get.bind(harness.store);
    harness.store.get = async (name) => {
      if (name === 'unreadable')
        throw new PortError('cluster-invalid', 'cannot be read', { retryable: false });
      return get(name);
    };
    await expect(harness.service.resync()).rejects.toThrow('cannot be read');
    expect(harness.ledger.now().turns.map(({ reboot }) => reboot)).toEqual(['unreadable']);
  });

  it('prunes nothing that was changed since it was looked at', async () => {
    const harness = serviceHarness(aPolicy({ history: { keep: 0, maxAge: minute } }));
    const name = await approved(harness);
    await harness.boots('worker-03');
    await harness.pass(61 * second);
    const stale = harness.store.all();
    harness.store.touch(name);
    harness.store.all = () => stale;
    await harness.service.resync();
    expect(await harness.store.get(name)).toBeDefined();
  });
});

describe('a reboot whose pool was taken out of the configuration', () => {
  it('is drained by the strictest rules, and not by those of another pool', async () => {
    const harness = serviceHarness();
    harness.cluster.drains([]);
    const name = await approved(harness);
    const lax = aPool({ name: 'other' });
    harness.policy(
      aPolicy({
        pools: [{ ...lax, drain: { ...lax.drain, onTimeout: 'force', podsWithoutController: 'evict' } }],
      }),
    );
    const asked: unknown[] = [];
    const drain = harness.cluster.drain.bind(harness.cluster);
    harness.cluster.drain = (request, signal) => {
      asked.push(request.policy);
      return drain(request, signal);
    };
    await harness.service.reconcile(name);
    await harness.settle();
    expect(asked).toMatchObject([
      { onTimeout: 'undo', podsWithoutController: 'refuse', deleteEmptyDirData: false },
    ]);
  });
});
