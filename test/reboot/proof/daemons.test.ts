/** DaemonSets that were broken before a reboot do not fail it. */
import { describe, expect, it } from 'vitest';
import { minute } from '../../../src/reboot/time/time.ts';
import { aDrainPolicy, aPerson, aPolicy, aPool, at } from '../../fakes/builders.ts';
import { serviceHarness, type ServiceHarness } from '../../fakes/service-harness.ts';

const broken = { daemonSet: 'monitoring/exporter', pod: 'monitoring/exporter-x1' };
const progress = { at: at(0), total: 3, gone: 0, leaving: [], waiting: [], trouble: [] };
const cni = { daemonSet: 'kube-system/cni', pod: 'kube-system/cni-x1' };

async function reboots(harness: ServiceHarness): Promise<string> {
  const { name, need } = await harness.sentinel();
  await harness.service.decide(name, { kind: 'approve', mode: 'now', digest: need.digest }, aPerson());
  await harness.settle();
  return name;
}

describe('DaemonSets that are not ready', () => {
  it('before the first eviction are noted, and not asked of the node afterwards', async () => {
    const harness = serviceHarness();
    harness.cluster.daemonPodsNotReady = [broken, { ...broken, pod: 'monitoring/exporter-x2' }];
    const name = await reboots(harness);
    expect(harness.reboot(name)).toMatchObject({
      daemonsBefore: ['monitoring/exporter'],
      state: { phase: 'Rebooting' },
    });
    await harness.boots('worker-03');
    await harness.pass(2 * minute);
    expect(harness.reboot(name).state.phase).toBe('Succeeded');
  });
  it('only afterwards fail it, whatever else was broken before', async () => {
    const harness = serviceHarness();
    harness.cluster.daemonPodsNotReady = [broken];
    const name = await reboots(harness);
    harness.cluster.daemonPodsNotReady = [broken, cni];
    await harness.boots('worker-03');
    await harness.pass(20 * minute);
    expect(harness.reboot(name).state).toMatchObject({
      phase: 'Failed',
      code: 'not-healthy',
      sentence: 'DaemonSet pods are not ready: kube-system/cni-x1.',
    });
  });
  it('that the pool does not count do not fail it', async () => {
    const harness = serviceHarness(aPolicy({ pools: [aPool({ ignoreDaemonSets: ['kube-*/cni'] })] }));
    const name = await reboots(harness);
    harness.cluster.daemonPodsNotReady = [cni];
    await harness.boots('worker-03');
    await harness.pass(2 * minute);
    expect(harness.reboot(name).state.phase).toBe('Succeeded');
  });
  it('on a node that is not Ready say nothing of their DaemonSets: all are asked for afterwards', async () => {
    const harness = serviceHarness();
    harness.cluster.daemonPodsNotReady = [cni];
    const cordon = harness.cluster.cordon.bind(harness.cluster);
    harness.cluster.cordon = async (...wanted) => {
      const answer = await cordon(...wanted);
      harness.cluster.node('worker-03').ready = false;
      return answer;
    };
    expect(harness.reboot(await reboots(harness)).daemonsBefore).toEqual([]);
  });
  it('a retry goes on from what was broken before the first try; a new start notes it anew', async () => {
    const drain = aDrainPolicy({ onTimeout: 'fail' });
    const harness = serviceHarness(aPolicy({ pools: [aPool({ drain })] }));
    harness.cluster.daemonPodsNotReady = [broken];
    harness.cluster.drains(
      [
        { kind: 'progress', progress },
        { kind: 'failed', code: 'drain-timeout', sentence: 'A budget held it.' },
      ],
      [{ kind: 'drained', pods: 1 }],
    );
    const name = await reboots(harness);
    expect(harness.reboot(name).state.phase).toBe('Failed');
    harness.cluster.daemonPodsNotReady = [broken, cni];
    await harness.service.decide(name, { kind: 'retry' }, aPerson());
    await harness.settle();
    expect(harness.reboot(name)).toMatchObject({
      daemonsBefore: ['monitoring/exporter'],
      state: { phase: 'Rebooting' },
    });
  });
});
