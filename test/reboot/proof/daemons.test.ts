/** DaemonSets that were broken before a reboot do not fail it. */
import { describe, expect, it } from 'vitest';
import { minute } from '../../../src/reboot/time/time.ts';
import { aDrainPolicy, aPerson, aPolicy, aPool, at } from '../../fakes/builders.ts';
import { fakeHouse, type FakeHouse } from '../../fakes/fake-house.ts';

const broken = { daemonSet: 'monitoring/exporter', pod: 'monitoring/exporter-x1' };
const progress = { at: at(0), total: 3, gone: 0, leaving: [], waiting: [], trouble: [] };
const cni = { daemonSet: 'kube-system/cni', pod: 'kube-system/cni-x1' };

async function reboots(house: FakeHouse): Promise<string> {
  const { name, need } = await house.sentinel();
  await house.service.decide(name, { kind: 'approve', mode: 'now', digest: need.digest }, aPerson());
  await house.settle();
  return name;
}

describe('DaemonSets that are not ready', () => {
  it('before the first eviction are noted, and not asked of the node afterwards', async () => {
    const house = fakeHouse();
    house.cluster.daemonPodsNotReady = [broken, { ...broken, pod: 'monitoring/exporter-x2' }];
    const name = await reboots(house);
    expect(house.reboot(name)).toMatchObject({
      daemonsBefore: ['monitoring/exporter'],
      state: { phase: 'Rebooting' },
    });
    await house.boots('worker-03');
    await house.pass(2 * minute);
    expect(house.reboot(name).state.phase).toBe('Succeeded');
  });
  it('only afterwards fail it, whatever else was broken before', async () => {
    const house = fakeHouse();
    house.cluster.daemonPodsNotReady = [broken];
    const name = await reboots(house);
    house.cluster.daemonPodsNotReady = [broken, cni];
    await house.boots('worker-03');
    await house.pass(20 * minute);
    expect(house.reboot(name).state).toMatchObject({
      phase: 'Failed',
      code: 'not-healthy',
      sentence: 'DaemonSet pods are not ready: kube-system/cni-x1.',
    });
  });
  it('that the pool does not count do not fail it', async () => {
    const house = fakeHouse(aPolicy({ pools: [aPool({ ignoreDaemonSets: ['kube-*/cni'] })] }));
    const name = await reboots(house);
    house.cluster.daemonPodsNotReady = [cni];
    await house.boots('worker-03');
    await house.pass(2 * minute);
    expect(house.reboot(name).state.phase).toBe('Succeeded');
  });
  it('on a node that is not Ready say nothing of their DaemonSets: all are asked for afterwards', async () => {
    const house = fakeHouse();
    house.cluster.daemonPodsNotReady = [cni];
    const cordon = house.cluster.cordon.bind(house.cluster);
    house.cluster.cordon = async (...wanted) => {
      const answer = await cordon(...wanted);
      house.cluster.node('worker-03').ready = false;
      return answer;
    };
    expect(house.reboot(await reboots(house)).daemonsBefore).toEqual([]);
  });
  it('a retry goes on from what was broken before the first try; a new start notes it anew', async () => {
    const drain = aDrainPolicy({ onTimeout: 'fail' });
    const house = fakeHouse(aPolicy({ pools: [aPool({ drain })] }));
    house.cluster.daemonPodsNotReady = [broken];
    house.cluster.drains(
      [
        { kind: 'progress', progress },
        { kind: 'failed', code: 'drain-timeout', sentence: 'A budget held it.' },
      ],
      [{ kind: 'drained', pods: 1 }],
    );
    const name = await reboots(house);
    expect(house.reboot(name).state.phase).toBe('Failed');
    house.cluster.daemonPodsNotReady = [broken, cni];
    await house.service.decide(name, { kind: 'retry' }, aPerson());
    await house.settle();
    expect(house.reboot(name)).toMatchObject({
      daemonsBefore: ['monitoring/exporter'],
      state: { phase: 'Rebooting' },
    });
  });
});
