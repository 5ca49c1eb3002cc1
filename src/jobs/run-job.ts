/** Runs one job, and leaves what people look for in it: its result, its log, its progress or its failure. */
import { type Job, UnrecoverableError } from 'bullmq';
import { type JobReport, type JobResult, nothingDone } from '../reboot/ports/job-report.ts';
import type { LogFields, Logger } from '../reboot/ports/logger.ts';
import type { Meter } from '../reboot/ports/meter.ts';
import { PortError } from '../reboot/ports/port-error.ts';
import { type Clock, second } from '../reboot/time/time.ts';
import { backoff } from '../timing/backoff.ts';
import { schedule } from '../reboot/service/schedule.ts';
import type { Work } from '../reboot/service/service.ts';
import type { Payload } from './backend.ts';
import { isAtRest, type JobName, jobNamed, kindOf } from './job-names.ts';
import type { Queues } from './queues.ts';

const retryDelays = { first: second, most: 30 * second, factor: 2 };

export interface RunDeps {
  readonly queues: Queues;
  readonly work: ReadonlyMap<string, Work>;
  readonly logger: Logger;
  readonly random: () => number;
  readonly clock: Clock;
  /** Absent: nothing is counted. */
  readonly meter?: Pick<Meter, 'jobEnded'>;
}

/** A job that can be run. */
interface Runnable {
  readonly name: JobName;
  readonly payload: Payload;
  readonly work: Work;
}

/** Resolves with the result in one line. Rejects where the step failed; its retry has been added then. */
export async function runJob(
  deps: RunDeps,
  job: Job<Payload>,
  signal: AbortSignal,
): Promise<string | undefined> {
  const runnable = runnableOf(job, deps.work);
  if (typeof runnable === 'string') {
    deps.logger.error('job dropped', { queue: job.queueName, job: job.name, problem: runnable });
    return `dropped: ${runnable}`;
  }
  const { name, payload, work } = runnable;
  if (payload.waits || job.name === 'wake') {
    const step = kindOf(name) === 'reconcile' ? work.stepOf(payload.id) : undefined;
    await deps.queues.addDue(step ?? name, payload);
    return notKept(job);
  }
  const report = reportOf(job);
  const began = deps.clock.now();
  const count = (ok: boolean): void => deps.meter?.jobEnded(name, deps.clock.now() - began, ok);
  try {
    const result = await run(deps, runnable, { signal, report });
    count(result.kind !== 'failed');
    if (result.kind === 'failed') throw new UnrecoverableError(result.why);
    return result.kind === 'nothing' ? notKept(job) : result.did;
  } catch (error) {
    if (signal.aborted) return 'interrupted: it is taken up by the next resync';
    if (error instanceof UnrecoverableError) throw error;
    count(false);
    await retryLater(deps, runnable, error);
    throw error;
  } finally {
    await report.written();
  }
}

/** BullMQ reads this option when the job ends. */
function notKept(job: Job<Payload>): undefined {
  job.opts.removeOnComplete = true;
  return undefined;
}

/** A sentence for a job that cannot be run. */
function runnableOf(job: Job<Payload>, works: ReadonlyMap<string, Work>): Runnable | string {
  const data: unknown = job.data;
  if (typeof data !== 'object' || data === null) return 'the payload is no object';
  const payload = data as Payload;
  const { cluster, id }: Partial<Payload> = payload;
  if (typeof id !== 'string' || id === '') return 'payload.id is missing';
  const work = typeof cluster === 'string' ? works.get(cluster) : undefined;
  if (!work)
    return `payload.cluster names no cluster of the configuration: ${typeof cluster === 'string' ? cluster : typeof cluster}`;
  const name = jobNamed(job.name);
  return name === undefined
    ? `no job is called "${job.name}": another version of Tugboot may have added it`
    : { name, payload, work };
}

interface Running {
  readonly signal: AbortSignal;
  readonly report: JobReport;
}

async function run(
  { queues }: RunDeps,
  { name, payload: { cluster, id }, work }: Runnable,
  { signal, report }: Running,
): Promise<JobResult> {
  switch (kindOf(name)) {
    case 'reconcile-node':
      return work.reconcileNode(id, report);
    case 'resync':
      return work.resync(report);
    case 'plan':
      return work.plan(report);
    case 'start': {
      const outcome = await work.start(id, report);
      await schedule(queues.of(cluster), id, outcome);
      return outcome.result;
    }
    case 'drain':
      return work.drain(id, signal, report);
    case 'render':
      return work.render(id);
    case 'digest':
      return work.updateDigest(id);
    case 'spread':
      return work.spread(id, report);
    case 'reconcile': {
      const step = isAtRest(name) ? work.stepOf(id) : undefined;
      if (step !== undefined && !isAtRest(step)) {
        // It has started meanwhile: its steps run one after the other.
        await queues.of(cluster).reconcile(id, undefined, step);
        return nothingDone;
      }
      const outcome = await work.reconcile(id, report);
      await schedule(queues.of(cluster), id, outcome);
      return outcome.result;
    }
  }
}

interface Written extends JobReport {
  /** Resolves when everything reported so far is stored. A report that is lost fails nothing. */
  written(): Promise<void>;
}

function reportOf(job: Job<Payload>): Written {
  let last: Promise<unknown> = Promise.resolve();
  const write = (one: () => Promise<unknown>): void => {
    last = last.then(one).catch(() => undefined);
  };
  return {
    log: (line) => write(() => job.log(line)),
    progress: (progress) => write(() => job.updateProgress({ ...progress })),
    written: async () => void (await last),
  };
}

/** What the id of a job names, under the key that every log line has for it. */
function subjectOf(name: JobName, id: string): LogFields {
  switch (kindOf(name)) {
    case 'reconcile-node':
      return { node: id };
    case 'digest':
    case 'spread':
      return { pool: id };
    case 'resync':
    case 'plan':
      return {};
    case 'start':
    case 'reconcile':
    case 'drain':
    case 'render':
      return { reboot: id };
  }
}

/**
 * The work of a failed job is still due, as the stored state shows. It is added again with backoff, so that
 * an immediate wake-up stays possible. BullMQ's own attempts would block that.
 */
async function retryLater(
  deps: RunDeps,
  { name, payload }: Pick<Runnable, 'name' | 'payload'>,
  error: unknown,
): Promise<void> {
  const failures = (payload.failures ?? 0) + 1;
  const fields = { job: name, ...subjectOf(name, payload.id), failures, err: error };
  if (error instanceof PortError && !error.retryable) {
    deps.logger.error('step failed for good; the next resync tries again', fields);
    return;
  }
  if (error instanceof PortError) deps.logger.warn('step failed and is tried again', fields);
  else deps.logger.error('step failed unexpectedly and is tried again', fields);
  const pause = backoff(retryDelays, failures, deps.random);
  await deps.queues.retry(name, { ...payload, failures }, pause);
}
