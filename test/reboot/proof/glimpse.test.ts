/** What the watches show may be old: it can say that nothing has changed, and no more. */
import { describe, expect, it } from 'vitest';
import { minute, second } from '../../../src/reboot/time/time.ts';
import { aPerson, aPolicy } from '../../fakes/builders.ts';
import { type FakeHouse, fakeHouse } from '../../fakes/fake-house.ts';

const node = 'worker-03';

/** In the middle of its drain. */
async function draining(): Promise<{ readonly house: FakeHouse; readonly name: string }> {
  const house = fakeHouse();
  house.cluster.drains([]);
  const { name, need } = await house.sentinel();
  await house.service.decide(name, { kind: 'approve', mode: 'now', digest: need.digest }, aPerson());
  await house.settle();
  expect(house.reboot(name).state).toMatchObject({ phase: 'Draining', cordon: 'us' });
  house.cluster.log.length = 0;
  return { house, name };
}

/** Told to reboot, and still in the same boot. */
async function ordered(): Promise<{ readonly house: FakeHouse; readonly name: string }> {
  const house = fakeHouse();
  const { name, need } = await house.sentinel();
  await house.service.decide(name, { kind: 'approve', mode: 'now', digest: need.digest }, aPerson());
  await house.settle();
  expect(house.reboot(name).state).toMatchObject({ phase: 'Rebooting' });
  house.cluster.log.length = 0;
  return { house, name };
}

/** Healthy after its boot, for the settle time to come. */
async function settling(): Promise<{ readonly house: FakeHouse; readonly name: string }> {
  const { house, name } = await ordered();
  await house.boots(node);
  expect(house.reboot(name).state).toMatchObject({ phase: 'Settling', healthySince: expect.any(String) });
  house.cluster.log.length = 0;
  return { house, name };
}

const looks = (house: FakeHouse): number =>
  house.cluster.log.filter((call) => call === `observe ${node}`).length;

const podLooks = (house: FakeHouse): number =>
  house.cluster.log.filter((call) => call === `daemonPods ${node}`).length;

describe('a drain that finds its node in another boot', () => {
  it('ends its Reboot on a read of the node, and is not begun again for a watch that lags', async () => {
    const { house, name } = await draining();
    house.cluster.drains([{ kind: 'superseded' }]);
    const seen = house.cluster.nodes();
    house.cluster.nodes = () => seen;
    house.cluster.node(node).bootId = 'boot-2';
    await house.service.drain(name, new AbortController().signal);
    expect(house.reboot(name).state).toMatchObject({ phase: 'Superseded', why: 'booted' });
  });
});

describe('a Reboot that is advanced', () => {
  it('is not read afresh for where the watches show nothing new', async () => {
    const { house, name } = await draining();
    await house.service.reconcile(name);
    expect(looks(house)).toBe(0);
  });

  it('does not fail for what a watch shows that is older than our cordon', async () => {
    const { house, name } = await draining();
    const { nodes } = { nodes: house.cluster.nodes.bind(house.cluster) };
    house.cluster.nodes = () => nodes().map((each) => ({ ...each, unschedulable: false }));
    await house.service.reconcile(name);
    expect(looks(house)).toBe(1);
    expect(house.reboot(name).state.phase).toBe('Draining');
  });

  it('fails for what the API server says as well', async () => {
    const { house, name } = await draining();
    house.cluster.node(node).unschedulable = false;
    await house.service.reconcile(name);
    expect(looks(house)).toBeGreaterThan(0);
    expect(house.reboot(name).state).toMatchObject({ phase: 'Failed', code: 'uncordoned-by-other' });
  });

  it('is read afresh for when the watch of the nodes is silent', async () => {
    const { house, name } = await draining();
    const heard = house.clock.now();
    house.cluster.heardAt = () => heard - minute;
    await house.service.reconcile(name);
    expect(looks(house)).toBe(1);
  });

  it('notes from the watch that its node is down, and takes the new boot where it shows our cordon', async () => {
    const { house, name } = await ordered();
    house.cluster.node(node).ready = false;
    await house.service.reconcile(name);
    expect(looks(house)).toBe(0);
    expect(house.reboot(name).state).toMatchObject({ phase: 'Rebooting', downSince: expect.any(String) });
    await house.boots(node);
    expect(looks(house)).toBe(0);
    expect(house.reboot(name).state).toMatchObject({ phase: 'Settling', newBootId: 'boot-2' });
  });

  it.each([
    { who: 'nobody has', cordonedBy: {} },
    { who: 'a Reboot of an earlier boot has', cordonedBy: { cordonedBy: 'worker-03-earlier' } },
  ])('does not take an older boot for the new one, which $who cordoned', async ({ cordonedBy }) => {
    const { house, name } = await ordered();
    const nodes = house.cluster.nodes.bind(house.cluster);
    house.cluster.nodes = () =>
      nodes().map(({ cordonedBy: _now, ...each }) => ({ ...each, ...cordonedBy, bootId: 'the one before' }));
    await house.service.reconcile(name);
    expect(looks(house)).toBe(1);
    expect(house.reboot(name).state.phase).toBe('Rebooting');
  });

  it('has its DaemonSet pods listed while it proves itself: nothing watches them', async () => {
    const { house, name } = await settling();
    house.cluster.daemonPodsNotReady = [{ daemonSet: 'kube-system/cni', pod: 'kube-system/cni-x' }];
    await house.pass(31 * second);
    expect(podLooks(house)).toBeGreaterThan(0);
    expect(house.reboot(name).state).toMatchObject({
      phase: 'Settling',
      missing: [{ code: 'daemon-pods' }],
    });
  });

  it('has them listed once for a burst of wake-ups, and the rest comes from the watches', async () => {
    const { house, name } = await settling();
    house.clock.advance(26 * second);
    for (let wake = 0; wake < 5; wake += 1) await house.service.reconcile(name);
    expect(podLooks(house)).toBe(1);
    expect(looks(house)).toBe(0);
  });

  it('is not proven by watches that lag behind its node', async () => {
    const { house, name } = await settling();
    const { state } = house.reboot(name);
    const healthy = 'healthySince' in state ? { healthySince: state.healthySince } : {};
    const seen = house.cluster.nodes();
    house.cluster.nodes = () => seen;
    house.cluster.node(node).ready = false;
    const [pool] = aPolicy().pools;
    house.clock.advance(pool?.settleTime ?? 0);
    await house.service.reconcile(name);
    expect(looks(house)).toBe(1);
    // Its settle time starts anew.
    expect(house.reboot(name).state).toMatchObject({ phase: 'Settling' });
    expect(house.reboot(name).state).not.toMatchObject(healthy);
  });

  it('is read afresh while it proves itself when the watch of the nodes is silent', async () => {
    const { house, name } = await settling();
    const heard = house.clock.now();
    house.cluster.heardAt = () => heard - minute;
    house.clock.advance(26 * second);
    await house.service.reconcile(name);
    expect(looks(house)).toBe(1);
  });

  it('is read afresh for its success, however lately it was read', async () => {
    const { house, name } = await settling();
    const [pool] = aPolicy().pools;
    house.clock.advance((pool?.settleTime ?? 0) - second);
    await house.service.reconcile(name);
    house.cluster.daemonPodsNotReady = [{ daemonSet: 'kube-system/cni', pod: 'kube-system/cni-x' }];
    house.clock.advance(second);
    await house.service.reconcile(name);
    expect(looks(house)).toBe(1);
    expect(house.reboot(name).state.phase).toBe('Settling');
  });

  it('is not proven by a report that lags behind its agent', async () => {
    const { house, name } = await settling();
    const seen = house.cluster.agent(node);
    house.cluster.agent = () => seen;
    const agent = house.cluster.agentOf(node);
    if (agent.report) agent.report = { ...agent.report, required: 'yes' };
    const [pool] = aPolicy().pools;
    house.clock.advance(pool?.settleTime ?? 0);
    await house.service.reconcile(name);
    expect(house.reboot(name).state).toMatchObject({ phase: 'Failed', code: 'still-required' });
  });

  it('is uncordoned on what its proof has read', async () => {
    const { house, name } = await settling();
    const [pool] = aPolicy().pools;
    house.clock.advance(pool?.settleTime ?? 0);
    await house.service.reconcile(name);
    await house.settle();
    expect(house.reboot(name)).toMatchObject({
      state: { phase: 'Succeeded' },
      cleanup: { endedAt: expect.any(String) },
    });
    expect(house.cluster.node(node).unschedulable).toBe(false);
    expect(looks(house)).toBe(1);
  });

  it('that others have written to is read afresh, and changed as they left it', async () => {
    const { house, name } = await draining();
    const known = house.reboot(name);
    house.store.latest = async () => known;
    house.store.touch(name);
    house.cluster.node(node).unschedulable = false;
    await house.service.reconcile(name);
    expect(house.reboot(name).state.phase).toBe('Failed');
  });

  it('is decided on as it is stored, whatever the watch shows', async () => {
    const house = fakeHouse();
    const { name, need } = await house.sentinel();
    const known = house.reboot(name);
    await house.service.decide(name, { kind: 'deny', reason: 'no' }, aPerson());
    house.store.latest = async () => known;
    const late = await house.service.decide(
      name,
      { kind: 'approve', mode: 'now', digest: need.digest },
      aPerson(),
    );
    const stored = house.reboot(name).state.phase;
    expect(late.ok ? 'Approved' : 'Denied').toBe(stored === 'Denied' ? 'Denied' : 'Approved');
    expect(house.reboot(name).history.map(({ what }) => what)).toContain('denied');
  });
});
