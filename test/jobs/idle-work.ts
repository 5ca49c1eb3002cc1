/** A service for tests of the queues: does nothing but what the test gives it. */
import type { Outcome } from '../../src/reboot/reconcile/outcome.ts';
import type { Work } from '../../src/reboot/loop/service.ts';

const atRest: Outcome = { render: [], wake: [], drain: false };

/** Work whose outcome asks for nothing more where the test returns none. */
export type TestWork = Partial<Omit<Work, 'reconcile'>> & {
  readonly reconcile?: (reboot: string) => Promise<Outcome | void>;
};

export const workOf = ({ reconcile, ...work }: TestWork = {}): Work => ({
  reconcileNode: async () => undefined,
  drain: async () => undefined,
  render: async () => undefined,
  resync: async () => undefined,
  ...work,
  reconcile: async (reboot) => (await reconcile?.(reboot)) ?? atRest,
});
