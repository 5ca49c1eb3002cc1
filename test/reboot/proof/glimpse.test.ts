/** The watches may lag: they can show that nothing has changed, and nothing else. */
import { describe, expect, it } from 'vitest';
import { minute, second } from '../../../src/reboot/time/time.ts';
import { aPerson, aPolicy } from '../../fakes/builders.ts';
import { type ServiceHarness, serviceHarness } from '../../fakes/service-harness.ts';

const node = 'worker-03';

/** In the middle of its drain. */
async function draining(): Promise<{ readonly harness: ServiceHarness; readonly name: string }> {
  const harness = serviceHarness();
  harness.cluster.drains([]);
  const { name, need } = await harness.sentinel();
  await harness.service.decide(name, { kind: 'approve', mode: 'now', digest: need.digest }, aPerson());
  await harness.settle();
  expect(harness.reboot(name).state).toMatchObject({ phase: 'Draining', cordon: 'us' });
  harness.cluster.log.length = 0;
  return { harness, name };
}

/** Told to reboot, and still in the same boot. */
async function ordered(): Promise<{ readonly harness: ServiceHarness; readonly name: string }> {
  const harness = serviceHarness();
  const { name, need } = await harness.sentinel();
  await harness.service.decide(name, { kind: 'approve', mode: 'now', digest: need.digest }, aPerson());
  await harness.settle();
  expect(harness.reboot(name).state).toMatchObject({ phase: 'Rebooting' });
  harness.cluster.log.length = 0;
  return { harness, name };
}

/** Healthy after its boot, for the settle time to come. */
async function settling(): Promise<{ readonly harness: ServiceHarness; readonly name: string }> {
  const { harness, name } = await ordered();
  await harness.boots(node);
  expect(harness.reboot(name).state).toMatchObject({ phase: 'Settling', healthySince: expect.any(String) });
  harness.cluster.log.length = 0;
  return { harness, name };
}

const looks = (harness: ServiceHarness): number =>
  harness.cluster.log.filter((call) => call === `observe ${node}`).length;

const podLooks = (harness: ServiceHarness): number =>
  harness.cluster.log.filter((call) => call === `daemonPods ${node}`).length;

describe('a drain that finds its node in another boot', () => {
  it('ends its Reboot on a read of the node, and is not begun again for a watch that lags', async () => {
    const { harness, name } = await draining();
    harness.cluster.drains([{ kind: 'superseded' }]);
    const seen = harness.cluster.nodes();
    harness.cluster.nodes = () => seen;
    harness.cluster.node(node).bootId = 'boot-2';
    await harness.service.drain(name, new AbortController().signal);
    expect(harness.reboot(name).state).toMatchObject({ phase: 'Superseded', why: 'booted' });
  });
});

describe('a Reboot that is advanced', () => {
  it('is not read afresh for where the watches show nothing new', async () => {
    const { harness, name } = await draining();
    await harness.service.reconcile(name);
    expect(looks(harness)).toBe(0);
  });

  it('does not fail for what a watch shows that is older than our cordon', async () => {
    const { harness, name } = await draining();
    const { nodes } = { nodes: harness.cluster.nodes.bind(harness.cluster) };
    harness.cluster.nodes = () => nodes().map((each) => ({ ...each, unschedulable: false }));
    await harness.service.reconcile(name);
    expect(looks(harness)).toBe(1);
    expect(harness.reboot(name).state.phase).toBe('Draining');
  });

  it('fails for what the API server says as well', async () => {
    const { harness, name } = await draining();
    harness.cluster.node(node).unschedulable = false;
    await harness.service.reconcile(name);
    expect(looks(harness)).toBeGreaterThan(0);
    expect(harness.reboot(name).state).toMatchObject({ phase: 'Failed', code: 'uncordoned-by-other' });
  });

  it('is read afresh for when the watch of the nodes is silent', async () => {
    const { harness, name } = await draining();
    const heard = harness.clock.now();
    harness.cluster.heardAt = () => heard - minute;
    await harness.service.reconcile(name);
    expect(looks(harness)).toBe(1);
  });

  it('notes from the watch that its node is down, and takes the new boot where it shows our cordon', async () => {
    const { harness, name } = await ordered();
    harness.cluster.node(node).ready = false;
    await harness.service.reconcile(name);
    expect(looks(harness)).toBe(0);
    expect(harness.reboot(name).state).toMatchObject({ phase: 'Rebooting', downSince: expect.any(String) });
    await harness.boots(node);
    expect(looks(harness)).toBe(0);
    expect(harness.reboot(name).state).toMatchObject({ phase: 'Settling', newBootId: 'boot-2' });
  });

  it.each([
    { who: 'nobody has', cordonedBy: {} },
    { who: 'a Reboot of an earlier boot has', cordonedBy: { cordonedBy: 'worker-03-earlier' } },
  ])('does not take an older boot for the new one, which $who cordoned', async ({ cordonedBy }) => {
    const { harness, name } = await ordered();
    const nodes = harness.cluster.nodes.bind(harness.cluster);
    harness.cluster.nodes = () =>
      nodes().map(({ cordonedBy: _now, ...each }) => ({ ...each, ...cordonedBy, bootId: 'the one before' }));
    await harness.service.reconcile(name);
    expect(looks(harness)).toBe(1);
    expect(harness.reboot(name).state.phase).toBe('Rebooting');
  });

  it('has its DaemonSet pods listed while it proves itself: nothing watches them', async () => {
    const { harness, name } = await settling();
    harness.cluster.daemonPodsNotReady = [{ daemonSet: 'kube-system/cni', pod: 'kube-system/cni-x' }];
    await harness.pass(31 * second);
    expect(podLooks(harness)).toBeGreaterThan(0);
    expect(harness.reboot(name).state).toMatchObject({
      phase: 'Settling',
      missing: [{ code: 'daemon-pods' }],
    });
  });

  it('has them listed once for a burst of wake-ups, and the rest comes from the watches', async () => {
    const { harness, name } = await settling();
    harness.clock.advance(26 * second);
    for (let wake = 0; wake < 5; wake += 1) await harness.service.reconcile(name);
    expect(podLooks(harness)).toBe(1);
    expect(looks(harness)).toBe(0);
  });

  it('is not proven by watches that lag behind its node', async () => {
    const { harness, name } = await settling();
    const { state } = harness.reboot(name);
    const healthy = 'healthySince' in state ? { healthySince: state.healthySince } : {};
    const seen = harness.cluster.nodes();
    harness.cluster.nodes = () => seen;
    harness.cluster.node(node).ready = false;
    const [pool] = aPolicy().pools;
    harness.clock.advance(pool?.settleTime ?? 0);
    await harness.service.reconcile(name);
    expect(looks(harness)).toBe(1);
    // Its settle time starts anew.
    expect(harness.reboot(name).state).toMatchObject({ phase: 'Settling' });
    expect(harness.reboot(name).state).not.toMatchObject(healthy);
  });

  it('is read afresh while it proves itself when the watch of the nodes is silent', async () => {
    const { harness, name } = await settling();
    const heard = harness.clock.now();
    harness.cluster.heardAt = () => heard - minute;
    harness.clock.advance(26 * second);
    await harness.service.reconcile(name);
    expect(looks(harness)).toBe(1);
  });

  it('is read afresh for its success, however lately it was read', async () => {
    const { harness, name } = await settling();
    const [pool] = aPolicy().pools;
    harness.clock.advance((pool?.settleTime ?? 0) - second);
    await harness.service.reconcile(name);
    harness.cluster.daemonPodsNotReady = [{ daemonSet: 'kube-system/cni', pod: 'kube-system/cni-x' }];
    harness.clock.advance(second);
    await harness.service.reconcile(name);
    expect(looks(harness)).toBe(1);
    expect(harness.reboot(name).state.phase).toBe('Settling');
  });

  it('is not proven by a report that lags behind its agent', async () => {
    const { harness, name } = await settling();
    const seen = harness.cluster.agent(node);
    harness.cluster.agent = () => seen;
    const agent = harness.cluster.agentOf(node);
    if (agent.report) agent.report = { ...agent.report, required: 'yes' };
    const [pool] = aPolicy().pools;
    harness.clock.advance(pool?.settleTime ?? 0);
    await harness.service.reconcile(name);
    expect(harness.reboot(name).state).toMatchObject({ phase: 'Failed', code: 'still-required' });
  });

  it('is uncordoned on what its proof has read', async () => {
    const { harness, name } = await settling();
    const [pool] = aPolicy().pools;
    harness.clock.advance(pool?.settleTime ?? 0);
    await harness.service.reconcile(name);
    await harness.settle();
    expect(harness.reboot(name)).toMatchObject({
      state: { phase: 'Succeeded' },
      cleanup: { endedAt: expect.any(String) },
    });
    expect(harness.cluster.node(node).unschedulable).toBe(false);
    expect(looks(harness)).toBe(1);
  });

  it('that others have written to is read afresh, and changed as they left it', async () => {
    const { harness, name } = await draining();
    const known = harness.reboot(name);
    harness.store.latest = async () => known;
    harness.store.touch(name);
    harness.cluster.node(node).unschedulable = false;
    await harness.service.reconcile(name);
    expect(harness.reboot(name).state.phase).toBe('Failed');
  });

  it('is decided on as it is stored, whatever the watch shows', async () => {
    const harness = serviceHarness();
    const { name, need } = await harness.sentinel();
    const known = harness.reboot(name);
    await harness.service.decide(name, { kind: 'deny', reason: 'no' }, aPerson());
    harness.store.latest = async () => known;
    const late = await harness.service.decide(
      name,
      { kind: 'approve', mode: 'now', digest: need.digest },
      aPerson(),
    );
    const stored = harness.reboot(name).state.phase;
    expect(late.ok ? 'Approved' : 'Denied').toBe(stored === 'Denied' ? 'Denied' : 'Approved');
    expect(harness.reboot(name).history.map(({ what }) => what)).toContain('denied');
  });
});
