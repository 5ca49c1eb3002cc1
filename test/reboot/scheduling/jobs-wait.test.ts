/** How long a node waits for Jobs: from when nothing else holds it back, and not for ever. */
import { describe, expect, it } from 'vitest';
import type { Blocker } from '../../../src/reboot/scheduling/blockers/blockers.ts';
import { jobsWaitEnds } from '../../../src/reboot/deadlines/jobs-wait.ts';
import { isIn } from '../../../src/reboot/state/reboot.ts';
import { day, minute, second } from '../../../src/reboot/time/time.ts';
import { aPerson, aPolicy, aPool } from '../../fakes/builders.ts';
import { type ServiceHarness, serviceHarness } from '../../fakes/service-harness.ts';

const jobs: Blocker = {
  code: 'jobs-running',
  sentence: 'Jobs run on it.',
  clears: 'When they have finished.',
};
const firing: Blocker = {
  code: 'alerts-firing',
  sentence: 'An alert fires.',
  clears: 'When it has cleared.',
};

const phase = (harness: ServiceHarness, name: string): string => harness.reboot(name).state.phase;

/** Jobs run on w1 always: as the cluster does, the gate says so until the span is over. */
async function alwaysBusy(waitForJobs = 10 * minute): Promise<{ harness: ServiceHarness; name: string }> {
  const pool = aPool({ gates: { ...aPool().gates, waitForJobs } });
  const harness = serviceHarness(aPolicy({ pools: [pool] }));
  harness.gatekeeper.ask = async ({ reboot, node }) => {
    harness.gatekeeper.asked.push(node.name);
    const waited = isIn(reboot, 'Approved') ? reboot.state.jobs : undefined;
    const now = harness.clock.now();
    return [
      ...(jobsWaitEnds(waited, pool, now) > now ? [jobs] : []),
      ...(harness.gatekeeper.blocks.get(node.name) ?? []),
    ];
  };
  const { name } = await harness.sentinel({ name: 'w1' });
  return { harness, name };
}

async function approve(harness: ServiceHarness, name: string): Promise<void> {
  const { digest } = harness.reboot(name).need;
  await harness.service.decide(name, { kind: 'approve', mode: 'now', digest }, aPerson());
  await harness.settle();
}

describe('a node on which Jobs run', () => {
  it('has its whole span today where it was approved yesterday, and starts at its end', async () => {
    const { harness, name } = await alwaysBusy();
    await harness.pauses.put({ scope: { kind: 'cluster' } });
    await approve(harness, name);
    await harness.pass(day);
    await harness.pauses.lift({ kind: 'cluster' });
    await harness.service.planChanged();
    await harness.settle();
    await harness.pass(10 * minute - second);
    expect(phase(harness, name)).toBe('Approved');
    await harness.pass(second);
    expect(phase(harness, name)).not.toBe('Approved');
  });

  it.each([67 * second, 7 * second])(
    'is woken at the end of the span, between two looks: %d ms',
    async (span) => {
      const { harness, name } = await alwaysBusy(span);
      await approve(harness, name);
      await harness.pass(span - second);
      expect(phase(harness, name)).toBe('Approved');
      await harness.pass(second);
      expect(phase(harness, name)).not.toBe('Approved');
    },
  );

  it('spends it as well while an alert holds it back besides', async () => {
    const { harness, name } = await alwaysBusy();
    harness.gatekeeper.blocks.set('w1', [firing]);
    await approve(harness, name);
    await harness.pass(11 * minute);
    expect(phase(harness, name)).toBe('Approved');
    harness.gatekeeper.blocks.clear();
    await harness.pass(minute);
    expect(phase(harness, name)).not.toBe('Approved');
  });

  it('spends nothing of it while something else keeps it, and goes on where it was', async () => {
    const { harness, name } = await alwaysBusy();
    await approve(harness, name);
    await harness.pass(4 * minute);
    await harness.pauses.put({ scope: { kind: 'cluster' } });
    await harness.service.planChanged();
    await harness.settle();
    const { state } = harness.reboot(name);
    expect(state).toMatchObject({ jobs: { waited: 4 * minute } });
    expect(state).not.toHaveProperty('jobs.since');
    await harness.pass(day);
    await harness.pauses.lift({ kind: 'cluster' });
    await harness.service.planChanged();
    await harness.settle();
    await harness.pass(6 * minute - second);
    expect(phase(harness, name)).toBe('Approved');
    await harness.pass(second);
    expect(phase(harness, name)).not.toBe('Approved');
  });
});
