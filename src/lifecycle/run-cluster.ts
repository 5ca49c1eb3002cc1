/** Starts and stops the parts of one cluster. */
import type { Bot } from '../bot/bot.ts';
import type { Kube } from '../k8s/kube.ts';
import type { ClusterParts } from './build-cluster.ts';
import { claimAtStart, ownedBy } from './claim-cluster.ts';
import { outagesOf } from './health-checks.ts';
import { type WakeUps, wakeUps } from './wake-ups.ts';

/** Interval of the resync. Events drive the work; the resync finds what they missed. */
const resyncInterval = 30_000;

/** Interval of the checks for outages, which become an Event after a minute. */
const outageCheckInterval = 5_000;

export interface ClusterRun {
  readonly parts: ClusterParts;
  readonly bot: Bot;
  /** Called with the reason of a wait, and with undefined at its end. */
  readonly waits: (why: string | undefined) => void;
  readonly signal: AbortSignal;
}

/**
 * Waits for an API server that is unreachable. Resolves when the watches have listed and the workers run;
 * rejects on errors that a retry cannot resolve.
 */
export async function startCluster({ parts, waits, signal, bot }: ClusterRun): Promise<WakeUps> {
  const { name, runtime, kube, queues, service, calendars, workers, backend, queueResync } = parts;
  await claimAtStart({ ...runtime, kube, waits }, signal);
  const reconcileNode = (node: string): Promise<void> => queues.of(name).reconcileNode(node);
  const follow: Kube['follow'] = (blocked) => kube.follow(blocked);
  const wakes = wakeUps({ ...runtime, service, reconcileNode, follow }, signal);
  await kube.start(wakes.onChange, signal);
  calendars.start(signal);
  if (signal.aborted) return wakes;
  workers.start();
  backend.onUsable(queueResync);
  const outages = outagesOf({ ...runtime, kube, bot, backend });
  runtime.every(outageCheckInterval, signal, () => void outages());
  return wakes;
}

/** Resyncs until `signal` aborts. Rejects when another installation turns out to own the cluster. */
export function keepInSync({ parts, signal }: Pick<ClusterRun, 'parts' | 'signal'>): Promise<never> {
  const lost = Promise.withResolvers<never>();
  parts.runtime.every(resyncInterval, signal, () => {
    parts.queueResync();
    // Two installations that started together may both have claimed the cluster. The watch shows the
    // owners: listing 5,000 NodeAgents would cost more than the rest of a resync.
    const other = parts.kube.otherInstallation();
    if (other !== undefined) lost.reject(ownedBy(other));
  });
  return lost.promise;
}

/** Closes its connections, once its workers have stopped. */
export async function stopCluster({
  kube,
  gates,
  queues,
  backend,
  leaveMetrics,
}: ClusterParts): Promise<void> {
  leaveMetrics();
  await Promise.allSettled([kube.stop(), gates.close(), queues.close()]);
  await backend.close();
}
