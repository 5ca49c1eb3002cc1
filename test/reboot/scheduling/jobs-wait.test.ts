/** How long a node waits for Jobs: from when nothing else holds it back, and not for ever. */
import { describe, expect, it } from 'vitest';
import type { Blocker } from '../../../src/reboot/scheduling/blockers/blockers.ts';
import { jobsWaitEnds } from '../../../src/reboot/deadlines/jobs-wait.ts';
import { isIn } from '../../../src/reboot/state/reboot.ts';
import { day, minute, second } from '../../../src/reboot/time/time.ts';
import { aPerson, aPolicy, aPool } from '../../fakes/builders.ts';
import { type FakeHouse, fakeHouse } from '../../fakes/fake-house.ts';

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

const phase = (house: FakeHouse, name: string): string => house.reboot(name).state.phase;

/** Jobs run on w1 always: as the cluster does, the gate says so until the span is over. */
async function alwaysBusy(waitForJobs = 10 * minute): Promise<{ house: FakeHouse; name: string }> {
  const pool = aPool({ gates: { ...aPool().gates, waitForJobs } });
  const house = fakeHouse(aPolicy({ pools: [pool] }));
  house.gatekeeper.ask = async ({ reboot, node }) => {
    house.gatekeeper.asked.push(node.name);
    const waited = isIn(reboot, 'Approved') ? reboot.state.jobs : undefined;
    const now = house.clock.now();
    return [
      ...(jobsWaitEnds(waited, pool, now) > now ? [jobs] : []),
      ...(house.gatekeeper.blocks.get(node.name) ?? []),
    ];
  };
  const { name } = await house.sentinel({ name: 'w1' });
  return { house, name };
}

async function approve(house: FakeHouse, name: string): Promise<void> {
  const { digest } = house.reboot(name).need;
  await house.service.decide(name, { kind: 'approve', mode: 'now', digest }, aPerson());
  await house.settle();
}

describe('a node on which Jobs run', () => {
  it('has its whole span today where it was approved yesterday, and starts at its end', async () => {
    const { house, name } = await alwaysBusy();
    await house.pauses.put({ scope: { kind: 'cluster' } });
    await approve(house, name);
    await house.pass(day);
    await house.pauses.lift({ kind: 'cluster' });
    await house.service.planChanged();
    await house.settle();
    await house.pass(10 * minute - second);
    expect(phase(house, name)).toBe('Approved');
    await house.pass(second);
    expect(phase(house, name)).not.toBe('Approved');
  });

  it.each([67 * second, 7 * second])(
    'is woken at the end of the span, between two looks: %d ms',
    async (span) => {
      const { house, name } = await alwaysBusy(span);
      await approve(house, name);
      await house.pass(span - second);
      expect(phase(house, name)).toBe('Approved');
      await house.pass(second);
      expect(phase(house, name)).not.toBe('Approved');
    },
  );

  it('spends it as well while an alert holds it back besides', async () => {
    const { house, name } = await alwaysBusy();
    house.gatekeeper.blocks.set('w1', [firing]);
    await approve(house, name);
    await house.pass(11 * minute);
    expect(phase(house, name)).toBe('Approved');
    house.gatekeeper.blocks.clear();
    await house.pass(minute);
    expect(phase(house, name)).not.toBe('Approved');
  });

  it('spends nothing of it while something else keeps it, and goes on where it was', async () => {
    const { house, name } = await alwaysBusy();
    await approve(house, name);
    await house.pass(4 * minute);
    await house.pauses.put({ scope: { kind: 'cluster' } });
    await house.service.planChanged();
    await house.settle();
    const { state } = house.reboot(name);
    expect(state).toMatchObject({ jobs: { waited: 4 * minute } });
    expect(state).not.toHaveProperty('jobs.since');
    await house.pass(day);
    await house.pauses.lift({ kind: 'cluster' });
    await house.service.planChanged();
    await house.settle();
    await house.pass(6 * minute - second);
    expect(phase(house, name)).toBe('Approved');
    await house.pass(second);
    expect(phase(house, name)).not.toBe('Approved');
  });
});
