/** A Reboot that was made with kubectl is taken when the watch tells of it, and does not wait for a scan. */
import { expect, it } from 'vitest';
import type { RebootService } from '../../../src/reboot/service/service.ts';
import { wakeUps } from '../../../src/lifecycle/wake-ups.ts';
import { aNode, aPolicy, aPool, aReboot, aReport } from '../../fakes/builders.ts';
import { serviceHarness } from '../../fakes/service-harness.ts';
import { silentLogger } from '../../fakes/silent-logger.ts';

it('is started at the event of the watch, without a scan or a look', async () => {
  const harness = serviceHarness(aPolicy({ pools: [aPool({ approval: 'auto' })] }));
  harness.cluster.addNode(aNode(), { report: aReport() });
  const { name } = harness.store.put(aReboot());
  const taken = Promise.withResolvers<void>();
  const service: RebootService = {
    ...harness.service,
    rebootAppeared: (made) => harness.service.rebootAppeared(made).finally(() => taken.resolve()),
  };
  const sleep = async (): Promise<void> => undefined;
  const follow = (): void => undefined;
  const reconcileNode = async (): Promise<void> => undefined;
  const deps = { service, reconcileNode, follow, sleep, clock: harness.clock, logger: silentLogger };
  wakeUps(deps, new AbortController().signal).onChange({ kind: 'reboot-appeared', name });
  await Promise.race([taken.promise, new Promise((resolve) => setImmediate(resolve))]);
  await harness.settle();
  expect(harness.reboot(name).state.phase).toBe('Rebooting');
  expect(harness.cluster.node('worker-03').unschedulable).toBe(true);
});
