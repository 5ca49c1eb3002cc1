/** Runs the bot: starts its parts in the order of their dependencies, and closes them in reverse. */
import type { Config } from '../config/load.ts';
import type { Kube } from '../k8s/kube.ts';
import { type HealthCheck, startHealth } from '../ops/health.ts';
import { buildParts, type Parts, queueResync, type Runtime } from './build-parts.ts';
import { claimAtStart, ownedBy } from './claim-cluster.ts';
import { debounce } from '../timing/debounce.ts';
import { outagesOf, type Start, startHealthOf } from './health-checks.ts';
import { wakeUps } from './wake-ups.ts';

/** Interval of the resync. Events drive the work; the resync finds what they missed. */
const resyncInterval = 30_000;

/**
 * The kubelet updates a mounted ConfigMap within a minute or so. Polling keeps the remaining delay short
 * where the file system reports no change.
 */
const configPollInterval = 5_000;

/** Interval of the checks for outages, which become an Event after a minute. */
const outageCheckInterval = 5_000;

/** A writer that rewrites the file in place truncates it first: wait for the content. */
const configDebounce = 100;

/** Kubernetes allows 30 s by default. An interrupted job loses nothing, but most can finish. */
const shutdownGrace = 7_000;

export async function serve(config: Config, runtime: Runtime, stop: AbortSignal): Promise<void> {
  const { logger } = runtime;
  const running = new AbortController();
  const parts = buildParts(config, runtime);

  try {
    // A stop signal during the start ends it.
    await Promise.race([run(parts, stop, running.signal), aborted(stop)]);
    logger.info('stopping');
  } finally {
    running.abort();
    await shutDown(parts);
    logger.info('stopped');
  }
}

/** Starts the parts in the order of their dependencies and then reports ready. Returns when it is stopped. */
async function run(
  { config, live, runtime, ...parts }: Parts,
  stop: AbortSignal,
  running: AbortSignal,
): Promise<void> {
  const { backend, queues, kube, calendars, audit, bot, service, workers } = parts;
  const { logger } = runtime;
  const name = config.policy.cluster;
  const start: Start = { ready: false };
  const startCheck: HealthCheck = {
    name: 'started',
    essential: true,
    check: () => startHealthOf(start, stop),
  };
  const health = await startHealth(config.healthPort, [startCheck, ...parts.checks], parts.metrics);
  running.addEventListener('abort', () => void health.close(), { once: true });

  const waits = (why: string | undefined): void => void (start.waitsFor = why);
  await claimAtStart({ ...runtime, kube, waits }, running);
  const lost = Promise.withResolvers<never>();
  const resync = (): void => queueResync({ queues, logger, name });
  const reconcileNode = (node: string): Promise<void> => queues.of(name).reconcileNode(node);
  const follow: Kube['follow'] = (held) => kube.follow(held);
  const wakes = wakeUps({ ...runtime, service, reconcileNode, follow }, running);
  await kube.start(wakes.onChange, running);
  calendars.start(running);
  void audit.run(running);
  workers.start();
  backend.onUsable(resync);
  void bot.start().then(resync);
  start.ready = true;
  logger.info('ready', {
    pools: config.policy.pools.map((pool) => pool.name),
    health_port: health.port,
  });

  const reread = (): void => {
    const before = live.refused();
    const seen = live.reload();
    // The resync posts the notice to the channel.
    if (seen === 'refused' && live.refused() !== before) resync();
    if (seen !== 'taken') return;
    calendars.follow(live.current().calendars);
    wakes.policyChanged();
    resync();
  };
  runtime.every(configPollInterval, running, reread);
  const touched = debounce({ sleep: runtime.sleep, after: configDebounce, signal: running }, async () =>
    reread(),
  );
  runtime.onConfigTouched(running, touched);
  const outages = outagesOf({ ...runtime, kube, bot, backend });
  runtime.every(outageCheckInterval, running, () => void outages());
  runtime.every(resyncInterval, running, () => {
    resync();
    // Two installations that started together may both have claimed the cluster. The watch has their marks:
    // a list of 5,000 NodeAgents at each resync would cost more than all else of it.
    const other = kube.otherInstallation();
    if (other !== undefined) lost.reject(ownedBy(other));
  });
  resync();
  await Promise.race([aborted(stop), lost.promise]);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** In reverse order: first no new interactions and no new jobs, then the connections. */
async function shutDown({ workers, bot, kube, gates, audit, queues, backend }: Parts): Promise<void> {
  const deadline = AbortSignal.timeout(shutdownGrace);
  await Promise.allSettled([bot.stop(), workers.stop(deadline)]);
  await Promise.allSettled([kube.stop(), gates.close(), audit.close(), queues.close()]);
  await backend.close();
}
