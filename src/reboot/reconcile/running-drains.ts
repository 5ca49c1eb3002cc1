import { drainsSince } from '../deadlines/hook-waits.ts';
import type { DrainEvent, DrainRequest } from '../ports/cluster/drains.ts';
import type { DrainProgress } from '../state/drain-facts.ts';
import { type In, type Reboot, isIn } from '../state/reboot.ts';
import { toInstant } from '../time/time.ts';
import { stepOf } from '../machine/step.ts';
import {
  type DrainedSoFar,
  type JobReport,
  type JobResult,
  nothingDone,
  silentReport,
} from '../ports/job-report.ts';
import { jobLog } from '../show/job-log.ts';
import type { RebootEvent } from '../machine/events/events.ts';
import { announce } from '../show/announce.ts';
import { type Applied, apply, fieldsOf, poolFor } from '../loop/apply.ts';
import type { ServiceDeps } from '../loop/deps.ts';
import { bootTargetOf } from '../effects/boot-target.ts';
import { drain } from '../effects/drain.ts';
import { observedEvent } from '../loop/observed.ts';
import { keptLog } from '../show/kept-log.ts';
import { waitsLog } from '../show/waits-log.ts';

/** The drains that run in this process, so that a decision stops them at once, wherever it was taken. */
export interface RunningDrains {
  run(name: string, signal: AbortSignal, report?: JobReport): Promise<JobResult>;
  /** Handles a changed Reboot: stops a drain that no longer matches it. */
  changed(name: string): void;
}

export function runningDrains(deps: ServiceDeps): RunningDrains {
  const running = new Map<string, { readonly reboot: In<'Draining'>; readonly stop: AbortController }>();
  return {
    async run(name, signal, report = silentReport) {
      if (running.has(name)) return nothingDone;
      const reboot = await toDrain(deps, name);
      if (reboot === undefined) return nothingDone;
      const stop = new AbortController();
      running.set(name, { reboot, stop });
      const { deps: logging } = jobLog(deps, report);
      try {
        return await runDrain(logging, reboot, { signal: AbortSignal.any([signal, stop.signal]), report });
      } finally {
        running.delete(name);
        // Forced or retried meanwhile: the next drain starts from the stored state.
        if (stop.signal.aborted) await deps.queue.reconcile(name, deps.clock.now(), 'check-drain');
      }
    },
    changed(name) {
      const begun = running.get(name);
      const stored = deps.store.cached(name);
      // Deleted or unreadable: without a record the drain must stop.
      if (begun && !(stored && sameDrain(begun.reboot, stored))) begun.stop.abort();
    },
  };
}

/**
 * Another worker may have finished it, or a person cancelled it, while this job waited. The known record will
 * do where it is to be drained: the first progress is stored before the first eviction, which proves it.
 */
async function toDrain(deps: ServiceDeps, name: string): Promise<In<'Draining'> | undefined> {
  const isDue = (reboot: Reboot | undefined): reboot is In<'Draining'> =>
    reboot !== undefined && isIn(reboot, 'Draining') && drain.owed(reboot);
  const known = await deps.store.latest(name);
  if (isDue(known)) return known;
  const read = await deps.store.get(name);
  return isDue(read) ? read : undefined;
}

const sameDrain = (begun: In<'Draining'>, stored: Reboot): boolean =>
  isIn(stored, 'Draining') &&
  stored.state.since === begun.state.since &&
  (stored.state.rebootDelay === undefined) === (begun.state.rebootDelay === undefined) &&
  (stored.state.beforeHook === undefined) === (begun.state.beforeHook === undefined) &&
  (stored.state.force === undefined) === (begun.state.force === undefined);

/**
 * Runs the drain of a Reboot, or resumes one that another worker stopped: the pods left to evict are read
 * from the cluster. Returns when the drain has ended or `signal` aborts it; an aborted drain is resumed by
 * the next worker.
 */
async function runDrain(
  deps: ServiceDeps,
  reboot: In<'Draining'>,
  { signal, report }: { readonly signal: AbortSignal; readonly report: JobReport },
): Promise<JobResult> {
  deps.logger.info('drain begins', fieldsOf(reboot));
  const logs = [waitsLog(deps.logger, reboot), keptLog(deps.logger, reboot)];
  let last: DrainProgress | undefined;
  let begun: DrainBegun | undefined;
  for await (const event of deps.cluster.drain(requestOf(deps, reboot), signal)) {
    begun ??= daemonsBefore(reboot, event);
    if (event.kind === 'progress') {
      report.progress(soFar(event.progress));
      if (event.last) last = event.progress;
      else if (!(await stillDraining(deps, reboot, { progress: event.progress, ...begun }))) return stopped;
      else begun = {};
      for (const log of logs) log(event.progress);
      continue;
    }
    await finishDrain(deps, reboot, { event, last, begun });
    return drainResult(event);
  }
  return stopped;
}

type DrainBegun = Pick<Extract<RebootEvent, { type: 'drained' }>, 'daemonsBefore'>;

/**
 * A limit on the stored size of a Reboot: DaemonSets beyond it have to be ready after the boot, even if they
 * were not before.
 */
const mostDaemons = 100;

/** From the first event of a drain. A retry keeps the record of the first attempt. */
function daemonsBefore(reboot: Reboot, event: DrainEvent): DrainBegun {
  if (reboot.daemonsBefore !== undefined || event.kind === 'failed' || event.kind === 'superseded') return {};
  const sets = new Set((event.daemonPodsNotReady ?? []).map(({ daemonSet }) => daemonSet));
  return { daemonsBefore: [...sets].sort().slice(0, mostDaemons) };
}

const stopped: JobResult = { kind: 'done', did: 'stopped: it is resumed or undone' };

const soFar = ({ gone, total, waiting }: DrainProgress): DrainedSoFar => ({
  gone,
  total,
  budgets: [...new Set(waiting.map(({ budget }) => budget))],
});

function drainResult(event: Exclude<DrainEvent, { kind: 'progress' }>): JobResult {
  switch (event.kind) {
    case 'drained':
      return { kind: 'done', did: `drained of ${event.pods} ${event.pods === 1 ? 'pod' : 'pods'}` };
    case 'failed':
      return { kind: 'failed', why: `${event.code}: ${event.sentence}` };
    case 'superseded':
      return stopped;
  }
}

function requestOf(deps: ServiceDeps, reboot: In<'Draining'>): DrainRequest {
  const { deadline, force } = reboot.state;
  return {
    target: bootTargetOf(reboot),
    policy: poolFor(deps, reboot).drain,
    startedAt: toInstant(drainsSince(reboot.state)),
    deadline: toInstant(deadline),
    last: deps.own().pods,
    force: force !== undefined,
  };
}

/** Stores the progress. False when the Reboot is no longer in this drain, which then stops. */
async function stillDraining(
  deps: ServiceDeps,
  begun: In<'Draining'>,
  seen: DrainBegun & { readonly progress: DrainProgress },
): Promise<boolean> {
  const applied = await apply(deps, begun.name, (stored) =>
    sameDrain(begun, stored) ? { type: 'drain-progressed', ...seen } : restarted,
  );
  if (applied.outcome === 'gone' || applied.outcome === 'rejected') return false;
  if (!sameDrain(begun, applied.reboot)) return false;
  await deps.queue.render(begun.name);
  return true;
}

const restarted = { code: 'too-late', sentence: 'The drain was begun anew.' } as const;

interface Ended {
  readonly event: Exclude<DrainEvent, { kind: 'progress' }>;
  /** The last progress, where it is not stored yet. */
  readonly last: DrainProgress | undefined;
  readonly begun: DrainBegun;
}

/**
 * Applies the end of this drain only. The result of a late drain says nothing about a drain that was started
 * since, on a node that may have been uncordoned in between.
 */
async function finishDrain(deps: ServiceDeps, drain: In<'Draining'>, end: Ended): Promise<void> {
  const { name } = drain;
  const { event } = end;
  const ended = await endOf(deps, end, drain);
  const version = deps.cluster.agentVersion(drain.node.name);
  const applied = await apply(deps, name, (stored) => (sameDrain(drain, stored) ? ended(stored) : restarted));
  const result = event.kind === 'drained' ? await failIfWaitNotStored(deps, applied) : applied;
  if (result.outcome === 'saved') {
    const { phase, since } = result.reboot.state;
    if (phase === 'Rebooting' && version !== undefined) deps.orders.set(name, { since, version });
    await announce(deps, result.reboot);
  }
  // Until the watch shows the deletion, each reconcile would begin the drain again.
  if (result.outcome !== 'gone') await deps.queue.reconcile(name, deps.clock.now(), stepOf(result.reboot));
}

/**
 * A node that has another boot, or is gone, is read: the watch may not show it yet, and the next reconcile
 * would begin the drain anew, again and again.
 */
async function endOf(
  deps: ServiceDeps,
  { event, last, begun }: Ended,
  { node }: Reboot,
): Promise<(stored: Reboot) => RebootEvent> {
  if (event.kind === 'superseded') {
    const observation = await deps.cluster.observe(node.name);
    return (stored) => observedEvent(deps, stored, observation);
  }
  return () =>
    event.kind === 'drained'
      ? { type: 'drained', pods: event.pods, ...begun, ...(last === undefined ? {} : { progress: last }) }
      : { type: 'drain-failed', code: event.code, sentence: event.sentence };
}

/**
 * Fails the Reboot when its drain has ended but the stored state does not hold the wait before the order. The
 * CRD of an earlier version drops that field, and the node would be drained again and again.
 */
async function failIfWaitNotStored(deps: ServiceDeps, applied: Applied): Promise<Applied> {
  if (applied.outcome !== 'saved') return applied;
  const { name, state } = applied.reboot;
  if (state.phase !== 'Draining' || state.rebootDelay !== undefined || state.beforeHook !== undefined)
    return applied;
  const sentence =
    'The node is drained, but its wait before the order (rebootDelay) is not kept by the cluster: its custom resource definition of Reboots is of an earlier version. Apply the one of this version, then retry.';
  return apply(deps, name, { type: 'drain-failed', code: 'drain-error', sentence });
}
