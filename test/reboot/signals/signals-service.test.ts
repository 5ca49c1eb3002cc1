/**
 * Signals on their whole way: from what agent and cluster say to the Reboot, its card, its end and its proof.
 */
import { describe, expect, it } from 'vitest';
import type { NodeReport, SignalReading } from '../../../src/reboot/nodes/node-report.ts';
import { clusterSignals, type PoolSignal, sentinelSignal } from '../../../src/reboot/policy/pool-signal.ts';
import type { ConditionView } from '../../../src/reboot/nodes/node-view.ts';
import { day, minute, second } from '../../../src/reboot/time/time.ts';
import { aNode, aPerson, aPolicy, aPool, aReport, at } from '../../fakes/builders.ts';
import { serviceHarness } from '../../fakes/service-harness.ts';

const kernelSignal: PoolSignal = { kind: 'reported', name: 'kernel' };
const preset = (name: string): PoolSignal =>
  clusterSignals.find((signal) => signal.name === name) ?? expect.unreachable(name);

const quiet: readonly SignalReading[] = [
  { name: 'sentinel', required: 'no' },
  { name: 'kernel', required: 'no' },
];
const newKernel: SignalReading = {
  name: 'kernel',
  required: 'yes',
  reason: 'Kernel 6.8.0-49-generic is installed and 6.8.0-45-generic runs',
};

function harness(...signals: readonly PoolSignal[]) {
  const all = serviceHarness(aPolicy({ pools: [aPool({ signals, settleTime: minute })] }));
  all.cluster.addNode(aNode(), { node: 'worker-03' });
  const look = async (): Promise<void> => {
    await all.queue.reconcileNode('worker-03');
    await all.settle();
  };
  return {
    ...all,
    look,
    reports: async (change: Partial<NodeReport>): Promise<void> => {
      const base = { required: 'no', packages: [], signals: quiet, bootedAt: at(-day) } as const;
      all.cluster.agentOf('worker-03').report = aReport({ ...base, ...change });
      await look();
    },
    condition: async (type: string, status: ConditionView['status']): Promise<void> => {
      all.cluster.node('worker-03').conditions = { [type]: { status, message: '' } };
      await look();
    },
    one: () => all.store.all()[0],
    approve: async (): Promise<void> => {
      const reboot = all.store.all()[0] ?? expect.unreachable();
      const { digest } = reboot.need;
      await all.service.decide(reboot.name, { kind: 'approve', mode: 'now', digest }, aPerson());
      await all.settle();
    },
  };
}

describe('what a pool counts', () => {
  it('makes a Reboot that names who asks, and since when the boot is', async () => {
    const { reports, one } = harness(sentinelSignal, kernelSignal);
    await reports({ signals: [{ name: 'sentinel', required: 'no' }, newKernel] });
    expect(one()).toMatchObject({
      need: {
        askedBy: [{ name: 'kernel', reason: newKernel.reason }],
        packages: [],
        kernel: { running: '6.8.0-45-generic', next: '6.8.0-49-generic' },
      },
      facts: { bootedAt: at(-day) },
    });
  });

  it('is all that counts: what others say is not asked about', async () => {
    const { reports, one, cluster } = harness(sentinelSignal);
    await reports({ signals: [{ name: 'sentinel', required: 'no' }, newKernel] });
    expect(one()).toBeUndefined();
    expect(cluster.node('worker-03').rebootRequired).toBe('False');
  });

  it('may be nothing: then only people ask', async () => {
    const { reports, one } = harness();
    await reports(aReport());
    expect(one()).toBeUndefined();
  });

  it('keeps the packages of a sentinel that does not count out of the decision', async () => {
    const { reports, one } = harness(kernelSignal);
    await reports({ ...aReport(), signals: [newKernel] });
    expect(one()?.need).toMatchObject({ packages: [], askedBy: [{ name: 'kernel' }] });
  });

  it('is asked for by one card, whichever of the signals comes or goes', async () => {
    const { reports, one, store, settle, queue } = harness(sentinelSignal, kernelSignal);
    await reports({ signals: [{ name: 'sentinel', required: 'no' }, newKernel] });
    await reports({ ...aReport(), signals: [newKernel] });
    expect(one()?.need.askedBy?.map(({ name }) => name)).toEqual(['sentinel', 'kernel']);
    await reports({ ...aReport(), signals: quiet });
    expect(one()?.need.askedBy?.map(({ name }) => name)).toEqual(['sentinel']);
    await reports({});
    await queue.reconcile(one()?.name ?? '');
    await settle();
    expect(store.all()).toHaveLength(1);
    expect(one()?.state).toMatchObject({ phase: 'Superseded', why: 'no-longer-required' });
  });

  it('keeps the Reboot while one of them cannot be read: it may still ask', async () => {
    const { reports, one, cluster } = harness(sentinelSignal, kernelSignal);
    await reports({ signals: [newKernel] });
    await reports({ signals: [{ name: 'kernel', required: 'unknown', reason: 'boot is not there' }] });
    expect(one()?.state.phase).toBe('Pending');
    expect(cluster.node('worker-03').rebootRequired).toBe('Unknown');
  });

  it('understands an agent of the previous version, which knows the sentinel alone', async () => {
    const { cluster, look, one } = harness(sentinelSignal);
    cluster.agentOf('worker-03').report = aReport();
    await look();
    expect(one()?.need).toMatchObject({ askedBy: [{ name: 'sentinel' }], packages: aReport().packages });
    expect(one()?.facts).not.toHaveProperty('bootedAt');
  });
});

describe('signals from the cluster', () => {
  it('ask for a reboot of a node whose agent has reported', async () => {
    const { reports, condition, one } = harness(preset('npd-kernel-deadlock'));
    await condition('KernelDeadlock', 'True');
    expect(one()).toBeUndefined();
    await reports({});
    expect(one()?.need.askedBy).toEqual([
      { name: 'npd-kernel-deadlock', reason: 'Condition KernelDeadlock is True' },
    ]);
    await condition('KernelDeadlock', 'False');
    expect(one()?.state.phase).toBe('Superseded');
  });

  it('ask by the scan when a node has been up for too long: no event tells of it', async () => {
    const { reports, one, service, settle, clock } = harness({
      kind: 'uptime',
      name: 'uptime',
      longest: 2 * day,
    });
    await reports({});
    expect(one()).toBeUndefined();
    clock.set(clock.now() + day);
    await service.resync();
    await settle();
    expect(one()?.need).toMatchObject({
      askedBy: [{ name: 'uptime', reason: 'Up for longer than 2 d' }],
      since: at(day),
    });
  });
});

describe('the proof', () => {
  const after = { bootId: 'boot-2', bootedAt: at(0), kernel: { running: '6.8.0-49-generic' } };

  async function booted(...signals: readonly PoolSignal[]) {
    const setup = harness(...signals);
    await setup.reports({ signals: [...quiet.slice(0, 1), newKernel] });
    await setup.approve();
    Object.assign(setup.cluster.node('worker-03'), {
      bootId: 'boot-2',
      kernel: '6.8.0-49-generic',
      ready: true,
    });
    return setup;
  }

  it('is that none of the signals says yes after the boot', async () => {
    const { reports, pass, one } = await booted(sentinelSignal, kernelSignal);
    await reports(after);
    await pass(2 * minute);
    expect(one()?.state.phase).toBe('Succeeded');
  });

  it('fails when one of the host still asks, and names it', async () => {
    const { reports, pass, one } = await booted(sentinelSignal, kernelSignal);
    await reports({ ...after, signals: [quiet[0] ?? expect.unreachable(), newKernel] });
    await pass(2 * minute);
    expect(one()?.state).toMatchObject({
      phase: 'Failed',
      code: 'still-required',
      sentence: 'The node still asks for a reboot (kernel).',
    });
  });

  it('waits for a signal that cannot be read yet', async () => {
    const { reports, pass, one } = await booted(sentinelSignal, kernelSignal);
    await reports({
      ...after,
      signals: [{ name: 'kernel', required: 'unknown', reason: 'boot is not there' }],
    });
    await pass(2 * minute);
    expect(one()?.state).toMatchObject({
      phase: 'Settling',
      missing: [{ code: 'no-report', sentence: 'Signal kernel cannot be read: boot is not there.' }],
    });
    await reports(after);
    await pass(2 * minute);
    expect(one()?.state.phase).toBe('Succeeded');
  });

  it('gives the writer of the Node the time to take the wish away', async () => {
    const { reports, condition, pass, one } = await booted(kernelSignal, preset('kured'));
    await condition('kured.dev/RebootRequired', 'True');
    await reports(after);
    await pass(5 * minute);
    expect(one()?.state).toMatchObject({
      phase: 'Settling',
      missing: [{ code: 'still-asked', sentence: 'The cluster still asks for a reboot of it (kured).' }],
    });
    await condition('kured.dev/RebootRequired', 'False');
    await pass(minute + second);
    expect(one()?.state.phase).toBe('Succeeded');
  });

  it('fails in the end when nobody does', async () => {
    const { reports, condition, pass, one } = await booted(kernelSignal, preset('kured'));
    await condition('kured.dev/RebootRequired', 'True');
    await reports(after);
    await pass(20 * minute);
    expect(one()?.state).toMatchObject({ phase: 'Failed', code: 'still-required' });
  });
});
