/** An order that the agent does not obey yet, since packages of its host are being changed. */
import { describe, expect, it } from 'vitest';
import type { OrderReceipt, PackageWork } from '../../../src/reboot/nodes/node-report.ts';
import { minute, second, toTimestamp } from '../../../src/reboot/time/time.ts';
import { aPerson, aReport } from '../../fakes/builders.ts';
import { type ServiceHarness, serviceHarness } from '../../fakes/service-harness.ts';

const node = 'worker-03';

interface Ordered {
  readonly harness: ServiceHarness;
  readonly name: string;
  readonly says: (state: OrderReceipt['state'], work?: Partial<PackageWork>) => Promise<void>;
}

/** A node that was ordered to reboot while its package manager had begun to work. */
async function ordered(): Promise<Ordered> {
  const harness = serviceHarness();
  const { name, need } = await harness.sentinel({ name: node });
  await harness.service.decide(name, { kind: 'approve', mode: 'now', digest: need.digest }, aPerson());
  await harness.settle();
  expect(harness.reboot(name).state.phase).toBe('Rebooting');
  const began = toTimestamp(harness.clock.now());
  const says = async (state: OrderReceipt['state'], work?: Partial<PackageWork>): Promise<void> => {
    const order = { endBoot: 'boot-1', state, at: began, message: 'Packages are being changed: dnf (pid 7)' };
    const packageWork = { since: began, active: true, what: 'dnf (pid 7) holds a lock', ...work };
    harness.cluster.agentOf(node).report = aReport({ order, ...(work === undefined ? {} : { packageWork }) });
    await harness.queue.reconcile(name);
    await harness.settle();
  };
  return { harness, name, says };
}
const phase = ({ harness, name }: Ordered): string => harness.reboot(name).state.phase;

describe('an order that waits for a package manager', () => {
  it('waits for as long as the pool allows it, which is longer than a boot may take', async () => {
    const world = await ordered();
    await world.says('refused', {});
    await world.harness.pass(29 * minute);
    expect(world.harness.reboot(world.name).state).toMatchObject({
      phase: 'Rebooting',
      trouble: 'The agent refused the order: Packages are being changed: dnf (pid 7)',
    });
    await world.harness.pass(2 * minute);
    expect(world.harness.reboot(world.name).state).toMatchObject({
      phase: 'Failed',
      code: 'did-not-reboot',
      sentence: expect.stringContaining('Packages are being changed') as string,
    });
  });

  it('has the time of a boot from when the agent obeys', async () => {
    const world = await ordered();
    await world.says('refused', {});
    await world.harness.pass(29 * minute);
    await world.says('obeying');
    await world.harness.pass(9 * minute);
    expect(phase(world)).toBe('Rebooting');
    await world.harness.pass(2 * minute);
    expect(phase(world)).toBe('Failed');
  });

  it('has an end, whatever the agent says in turns', async () => {
    const world = await ordered();
    for (let nth = 0; nth < 30; nth += 1) {
      await world.says('refused', { since: toTimestamp(world.harness.clock.now()) });
      await world.harness.pass(minute);
      await world.says('obeying');
      await world.harness.pass(minute);
    }
    expect(phase(world)).toBe('Failed');
  });

  it.each<[string, OrderReceipt['state'], Partial<PackageWork> | undefined]>([
    ['refuses for something else', 'refused', undefined],
    ['refuses, and packages are only left half configured', 'refused', { active: false }],
    ['cannot ask its host', 'failed', {}],
    ['has waited for too long before', 'refused', { since: '2020-01-01T00:00:00.000Z' }],
  ])('does not wait for one where the agent %s', async (_, state, work) => {
    const world = await ordered();
    await world.says(state, work);
    await world.harness.pass(10 * minute + second);
    expect(phase(world)).toBe('Failed');
  });
});
