/** Events say what has been done, and are true when they are read. */
import { describe, expect, it } from 'vitest';
import type { ClusterEvent } from '../../../src/reboot/nodes/cluster-event.ts';
import { hour, second } from '../../../src/reboot/time/time.ts';
import { aPerson, aPolicy, aPool, aWindow } from '../../fakes/builders.ts';
import { type ServiceHarness, serviceHarness } from '../../fakes/service-harness.ts';

const mia = aPerson();
const node = 'worker-03';

interface Heard {
  readonly event: ClusterEvent;
  readonly unschedulable: boolean;
  readonly endBoot: string | undefined;
  readonly turns: number;
}

/** Notes how the cluster stands at the moment of each Event. */
function listenIn(harness: ServiceHarness): ReadonlyMap<string, Heard> {
  const heard = new Map<string, Heard>();
  const record = harness.cluster.record.bind(harness.cluster);
  harness.cluster.record = async (event) => {
    const { turns } = await harness.ledger.read();
    heard.set(event.reason, {
      event,
      unschedulable: harness.cluster.node(node).unschedulable,
      endBoot: harness.cluster.agentOf(node).endBoot,
      turns: turns.length,
    });
    await record(event);
  };
  return heard;
}

async function approve(harness: ServiceHarness, mode: 'now' | 'window' = 'now', wish = {}): Promise<string> {
  const { name, need } = await harness.sentinel(wish);
  await harness.service.decide(name, { kind: 'approve', mode, digest: need.digest }, mia);
  return name;
}

describe('an Event', () => {
  it('tells of the cordon when the node is cordoned, of the order when it stands, of success when all is undone', async () => {
    const harness = serviceHarness();
    const heard = listenIn(harness);
    await approve(harness);
    await harness.settle();
    await harness.boots(node);
    await harness.pass(60 * second);
    expect(heard.get('RebootDraining')).toMatchObject({ unschedulable: true, endBoot: undefined });
    expect(heard.get('RebootOrdered')).toMatchObject({ unschedulable: true, endBoot: 'boot-1' });
    expect(heard.get('RebootSucceeded')).toMatchObject({ unschedulable: false, turns: 0 });
  });

  it('is about the Reboot as well as about the node', async () => {
    const harness = serviceHarness();
    const heard = listenIn(harness);
    const name = await approve(harness);
    await harness.settle();
    expect([...heard.values()].map(({ event }) => event.reboot)).toEqual(
      [...heard].map(() => ({ name, uid: `uid-of-${name}` })),
    );
    expect(heard.size).toBe(3);
  });

  it('tells nothing of a cordon that could not be had', async () => {
    const harness = serviceHarness();
    const heard = listenIn(harness);
    harness.cluster.cordon = async () => 'wrong-boot';
    await approve(harness);
    await harness.settle();
    expect([...heard.keys()]).toEqual(['RebootApproved']);
  });

  it('tells nothing of an order that could not be given, and of one that stands once', async () => {
    const harness = serviceHarness();
    const heard = listenIn(harness);
    const order = harness.cluster.order.bind(harness.cluster);
    harness.cluster.order = async () => 'wrong-boot';
    await approve(harness);
    await harness.settle();
    expect(heard.has('RebootOrdered')).toBe(false);
    harness.cluster.order = order;
    await harness.pass(20 * second);
    expect(heard.has('RebootOrdered')).toBe(true);
    expect(harness.cluster.events.filter(({ reason }) => reason === 'RebootOrdered')).toHaveLength(1);
  });

  it('says of a node that others had cordoned that it was', async () => {
    const harness = serviceHarness();
    const heard = listenIn(harness);
    await approve(harness, 'now', { unschedulable: true });
    await harness.settle();
    expect(heard.get('RebootDraining')?.event.note).toBe(
      'Draining for a reboot; it was cordoned before, and stays so.',
    );
  });

  it('tells of a drain that is undone when the node takes pods again', async () => {
    // Sunday 11:00–13:00 UTC: an hour is left at noon.
    const windows = [aWindow({ days: ['sun'], start: 11 * 60, length: 120, timeZone: 'UTC' })];
    const drain = { ...aPool().drain, timeout: 9 * hour };
    const pool = aPool({ windows, whenWindowCloses: 'undo', finishInWindow: false, drain });
    const harness = serviceHarness(aPolicy({ pools: [pool] }));
    const heard = listenIn(harness);
    harness.cluster.drains([]);
    await approve(harness, 'window');
    await harness.settle();
    expect(heard.has('RebootDraining')).toBe(true);
    await harness.pass(hour + second);
    expect(heard.get('RebootDrainUndone')).toMatchObject({ unschedulable: false, turns: 0 });
  });
});
