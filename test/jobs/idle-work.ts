/** A service for tests of the queues: does nothing but what the test gives it. */
import { type JobReport, type JobResult, nothingDone } from '../../src/reboot/ports/job-report.ts';
import type { Outcome } from '../../src/reboot/loop/outcome.ts';
import type { Work } from '../../src/reboot/service/service.ts';

export const atRest: Outcome = { render: [], wake: [], drain: false, start: false, result: nothingDone };

/** Where the test returns nothing, the job found nothing to do, and asks for nothing more. */
export interface TestWork {
  readonly reconcileNode?: (node: string) => Promise<JobResult | void>;
  readonly reconcile?: (reboot: string, report: JobReport) => Promise<Outcome | void>;
  readonly plan?: () => Promise<JobResult | void>;
  readonly start?: (reboot: string, report: JobReport) => Promise<Outcome | void>;
  readonly drain?: (reboot: string, signal: AbortSignal, report: JobReport) => Promise<JobResult | void>;
  readonly render?: (reboot: string) => Promise<JobResult | void>;
  readonly updateDigest?: (pool: string) => Promise<JobResult | void>;
  readonly spread?: (pool: string) => Promise<JobResult | void>;
  readonly resync?: () => Promise<JobResult | void>;
  readonly stepOf?: Work['stepOf'];
}

const silent: JobReport = { log: () => undefined, progress: () => undefined };

export const workOf = (work: TestWork = {}): Work => ({
  reconcileNode: async (node) => (await work.reconcileNode?.(node)) ?? nothingDone,
  reconcile: async (reboot, report = silent) => (await work.reconcile?.(reboot, report)) ?? atRest,
  plan: async () => (await work.plan?.()) ?? nothingDone,
  start: async (reboot, report = silent) => (await work.start?.(reboot, report)) ?? atRest,
  drain: async (reboot, signal, report = silent) =>
    (await work.drain?.(reboot, signal, report)) ?? nothingDone,
  render: async (reboot) => (await work.render?.(reboot)) ?? nothingDone,
  updateDigest: async (pool) => (await work.updateDigest?.(pool)) ?? nothingDone,
  spread: async (pool) => (await work.spread?.(pool)) ?? nothingDone,
  resync: async () => (await work.resync?.()) ?? nothingDone,
  stepOf: (reboot) => work.stepOf?.(reboot),
});
