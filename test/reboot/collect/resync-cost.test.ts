import { describe, expect, it } from 'vitest';
import { createService } from '../../../src/reboot/service/service.ts';
import { minute, second } from '../../../src/reboot/time/time.ts';
import { aNode, aPerson, aPolicy, aPool, aReport } from '../../fakes/builders.ts';
import { type ServiceHarness, serviceHarness } from '../../fakes/service-harness.ts';

/** A node that asks, and a resync after which nothing is left to do. */
async function waitingHarness() {
  const harness = serviceHarness();
  const { name, node } = await harness.sentinel();
  for (let round = 0; round < 3; round += 1) await resynced(harness);
  return { harness, name, node: node.name };
}

async function resynced(harness: ServiceHarness): Promise<readonly string[]> {
  await harness.service.resync();
  const woken = harness.waiting.map(({ kind, id }) => `${kind} ${id}`);
  await harness.settle();
  return woken;
}

describe('a resync', () => {
  it('reads no ledger while nobody is approved, although many wait in the digest of their pool', async () => {
    const harness = serviceHarness(aPolicy({ pools: [aPool({ digestFrom: 2 })] }));
    for (let nth = 0; nth < 6; nth += 1)
      await harness.sentinel({ name: `w${nth}`, uid: `uid-${nth}`, bootId: `boot-${nth}` });
    await harness.pass(minute);
    expect(harness.digests.all()).toHaveLength(1);
    let reads = 0;
    const { ledger } = harness.ports;
    const latest = ledger.latest.bind(ledger);
    Object.assign(ledger, {
      latest: () => {
        reads += 1;
        return latest();
      },
    });
    await resynced(harness);
    expect(reads).toBe(0);
    const { name, need } = harness.store.all()[0] ?? expect.unreachable();
    const request = { kind: 'approve', mode: 'now', digest: need.digest } as const;
    expect(await harness.service.decide(name, request, aPerson())).toMatchObject({ ok: true });
    await resynced(harness);
    expect(reads).toBeGreaterThan(0);
  });

  it('wakes nobody who waits for a person, and asks the cluster nothing', async () => {
    const { harness } = await waitingHarness();
    harness.cluster.log.length = 0;
    expect(await resynced(harness)).toEqual([]);
    expect(harness.cluster.log).toEqual([]);
  });

  it('wakes a Reboot whose node or report has changed without an event', async () => {
    const { harness, name, node } = await waitingHarness();
    harness.cluster.node(node).unschedulable = true;
    expect(await resynced(harness)).toContain(`advance ${name}`);
    const { report } = harness.cluster.agentOf(node);
    if (report) harness.cluster.agentOf(node).report = { ...report, packagesLeftOut: 3 };
    expect(await resynced(harness)).toContain(`advance ${name}`);
    // For the record of its card, which the change has caused.
    await resynced(harness);
    expect(await resynced(harness)).toEqual([]);
  });

  it('wakes a Reboot that was changed by another writer', async () => {
    const { harness, name } = await waitingHarness();
    harness.store.touch(name);
    expect(await resynced(harness)).toContain(`advance ${name}`);
  });

  it('wakes an approved Reboot that may start, whose wake-up was lost', async () => {
    const { harness, name } = await waitingHarness();
    await harness.pauses.put({
      scope: { kind: 'cluster' },
      by: { kind: 'user', id: 'U0MIA', name: 'mia' },
      at: harness.reboot(name).createdAt,
      reason: 'a freeze',
    });
    const { digest } = harness.reboot(name).need;
    await harness.service.decide(name, { kind: 'approve', mode: 'now', digest }, aPerson());
    await harness.settle();
    await resynced(harness);
    harness.cluster.log.length = 0;
    expect(await resynced(harness)).toEqual(['plan all']);
    expect(harness.cluster.log).toEqual([]);
    await harness.pauses.lift({ kind: 'cluster' });
    harness.waiting.length = 0;
    await resynced(harness);
    expect(harness.reboot(name).state.phase).not.toBe('Approved');
  });

  it('schedules the end of a wait again that the queue has lost', async () => {
    const { harness, name } = await waitingHarness();
    const until = harness.clock.now() + 10 * minute;
    await harness.service.decide(name, { kind: 'snooze', until, reason: 'release' }, aPerson());
    await harness.settle();
    await resynced(harness);
    harness.wakes.length = 0;
    harness.clock.advance(10 * minute - 10 * second);
    await resynced(harness);
    expect(harness.wakes).toContainEqual({ at: until, id: name });
    harness.wakes.length = 0;
    harness.clock.advance(minute);
    await resynced(harness);
    expect(harness.reboot(name).state.phase).toBe('Pending');
  });

  it('asks for a render again that the queue has lost', async () => {
    const harness = serviceHarness();
    const { name } = await harness.sentinel();
    for (let round = 0; round < 3; round += 1) await resynced(harness);
    harness.policy(aPolicy({ cluster: 'prod-us' }));
    await harness.service.resync();
    // The card shows the name of the cluster: it is rendered anew, and the job is lost.
    for (const job of harness.waiting.splice(0))
      if (job.kind === 'advance') await harness.service.reconcile(job.id);
    expect(harness.waiting.splice(0)).toContainEqual({ kind: 'render', id: name });
    expect(await resynced(harness)).toEqual([`render ${name}`]);
    await resynced(harness);
    expect(await resynced(harness)).toEqual([]);
  });
});

it('a resync hashes no name for nodes that nothing of ours is on', async () => {
  const harness = serviceHarness();
  for (let nth = 0; nth < 20; nth += 1) {
    const node = aNode({ name: `w-${nth}`, uid: `uid-${nth}`, bootId: `boot-${nth}` });
    const report = aReport({ bootId: node.bootId, required: 'no', packages: [] });
    harness.cluster.addNode(node, { report });
  }
  let hashed = 0;
  const { hash } = harness.ports;
  const service = createService({
    ...harness.ports,
    hash: (text) => {
      hashed += 1;
      return hash(text);
    },
  });
  await service.resync();
  expect(hashed).toBe(0);
});
