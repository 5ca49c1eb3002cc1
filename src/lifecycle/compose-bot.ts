/** Runs the bot: starts its parts in the order of their dependencies, and closes them in reverse. */
import { poolsOf } from '../config/live-config.ts';
import type { Config } from '../config/load.ts';
import { type HealthCheck, startHealth } from '../ops/health.ts';
import type { Decisions } from '../reboot/ports/decisions/decisions.ts';
import { debounce } from '../timing/debounce.ts';
import { buildShared, type SharedParts } from './build-shared.ts';
import { sharedChecks, startHealthOf } from './health-checks.ts';
import { boardOf } from './board-of-queues.ts';
import { addPartsSource } from './metric-sources.ts';
import type { Tracing } from '../ops/tracing/open-tracing.ts';
import { version } from '../version.ts';
import type { Runtime } from './runtime.ts';
import { type ServedClusters, servedClusters } from './served-clusters.ts';

/**
 * The kubelet updates a mounted ConfigMap within a minute or so. Polling keeps the remaining delay short
 * where the file system reports no change.
 */
const configPollInterval = 5_000;

/** A writer that rewrites the file in place truncates it first: wait for the content. */
const configDebounce = 100;

/** Kubernetes allows 30 s by default. An interrupted job loses nothing, but most can finish. */
const shutdownGrace = 7_000;

export async function serve(config: Config, runtime: Runtime, stop: AbortSignal): Promise<void> {
  const { logger } = runtime;
  const running = new AbortController();
  const decisions = new Map<string, Decisions>();
  const tracing = await tracingOf(config);
  const shared = buildShared(config, runtime, { clusters: decisions, tracing });
  const clusters = servedClusters(shared, decisions);

  try {
    // A stop signal during the start ends it.
    await Promise.race([run({ shared, clusters, stop }, running.signal), aborted(stop)]);
    logger.info('stopping');
  } finally {
    running.abort();
    await shutDown(shared, clusters);
    logger.info('stopped');
  }
}

/** Its program is loaded where an endpoint is configured, and costs nothing elsewhere. */
async function tracingOf({ tracing }: Config): Promise<Tracing | undefined> {
  if (tracing === undefined) return undefined;
  const { openTracing } = await import('../ops/tracing/open-tracing.ts');
  return openTracing({ ...tracing, version });
}

interface Running {
  readonly shared: SharedParts;
  readonly clusters: ServedClusters;
  readonly stop: AbortSignal;
}

/** Starts the parts in the order of their dependencies and then reports ready. Returns when it is stopped. */
async function run({ shared, clusters, stop }: Running, running: AbortSignal): Promise<void> {
  const { config, live, runtime, metrics, bot, audit } = shared;
  let isReady = false;
  const startCheck: HealthCheck = {
    name: 'started',
    essential: true,
    check: () => startHealthOf({ ready: isReady, waitsFor: clusters.waitsFor() }, stop),
  };
  const checks = (): readonly HealthCheck[] => [...clusters.checks(), ...sharedChecks({ live, bot })];
  addPartsSource((source) => metrics.read(source), checks);
  const page = await boardOf(shared, running);
  const health = await startHealth(config.healthPort, () => [startCheck, ...checks()], { metrics, page });
  running.addEventListener('abort', () => void health.close(), { once: true });

  // Of several clusters the first is enough: people can decide there while the others are awaited.
  await clusters.start();
  void audit.run(running);
  void bot.start().then(() => clusters.resync());
  isReady = true;
  runtime.logger.info('ready', { ...poolsOf(live.current()), health_port: health.port });

  followConfig(shared, clusters, running);
  await Promise.race([aborted(stop), clusters.lost]);
}

/** Takes a changed configuration while the bot runs. */
function followConfig({ live, runtime }: SharedParts, clusters: ServedClusters, running: AbortSignal): void {
  const reread = (): void => {
    const before = live.refused();
    const seen = live.reload();
    // The resync posts the notice to the channel.
    if (seen === 'refused' && live.refused() !== before) clusters.resync();
    if (seen === 'taken') clusters.follow();
  };
  runtime.every(configPollInterval, running, reread);
  const touched = debounce({ sleep: runtime.sleep, after: configDebounce, signal: running }, async () =>
    reread(),
  );
  runtime.onConfigTouched(running, touched);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** In reverse order: first no new interactions and no new jobs, then the connections. */
async function shutDown({ bot, audit, tracing }: SharedParts, clusters: ServedClusters): Promise<void> {
  const deadline = AbortSignal.timeout(shutdownGrace);
  await Promise.allSettled([bot.stop(), clusters.stop(deadline)]);
  await audit.close();
  await tracing?.close();
}
