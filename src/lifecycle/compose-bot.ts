/**
 * The composition root of the bot: builds the adapters from the configuration and runs until it is stopped.
 */
import { createHash } from 'node:crypto';
import { type Bot, type BotOptions, createBot } from '../bot/bot.ts';
import type { Calendars } from '../calendars/calendars.ts';
import { connectCalendars } from '../calendars/connect-calendars.ts';
import { claim, claimAtStart } from './claim-cluster.ts';
import { liveConfig, type LiveConfig } from '../config/live-config.ts';
import type { Config } from '../config/load.ts';
import { connectGates, type Gates } from '../gates/connect-gates.ts';
import { concurrently } from '../gates/gatekeepers.ts';
import type { Backend } from '../jobs/backend.ts';
import { openBackend } from '../jobs/open-backend.ts';
import { openQueues, type Queues } from '../jobs/queues.ts';
import { createWorkers, type Workers } from '../jobs/workers.ts';
import { connectKube, type Kube } from '../k8s/kube.ts';
import { type HealthCheck, startHealth } from '../ops/health.ts';
import { watchedDepartures } from '../reboot/nodes/departure.ts';
import type { WatchedNames } from '../reboot/signals/pool-signal.ts';
import type { Policy } from '../reboot/policy/policy.ts';
import { PortError } from '../reboot/ports/port-error.ts';
import type { Clock } from '../reboot/ports/time.ts';
import type { Logger } from '../reboot/ports/logger.ts';
import { inWords, type Instant, type Millis, minute } from '../reboot/ports/time.ts';
import { createService, type RebootService } from '../reboot/loop/service.ts';
import { version } from '../version.ts';
import { debounce } from './debounce.ts';
import { createOutages } from './outages.ts';
import { wakeUps } from './wake-ups.ts';

/** The environment of the program besides its configuration: clock, timers, randomness, log. */
export interface Runtime {
  readonly clock: Clock;
  readonly random: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly logger: Logger;
  /** Calls `callback` every `ms` milliseconds until `signal` aborts. */
  readonly every: (ms: number, signal: AbortSignal, callback: () => void) => void;
  /** Reads environment and file again; throws a ConfigError that names every problem. */
  readonly readConfig: () => Config;
  /** Calls `callback` when the file may have changed, until `signal` aborts; may miss a change. */
  readonly onConfigTouched: (signal: AbortSignal, callback: () => void) => void;
}

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

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

export async function serve(config: Config, runtime: Runtime, stop: AbortSignal): Promise<void> {
  const { logger, clock } = runtime;
  const name = config.policy.cluster;
  const running = new AbortController();
  const live = liveConfig(config, { read: runtime.readConfig, logger, clock });
  const policy = (): Policy => live.current().policy;

  // Two installations on one Redis must not share jobs; the braces keep all keys of a prefix in one slot of a
  // Redis Cluster.
  const prefix = `{tugboot.${config.kube.namespace}.${name}}`;
  const backend = openBackend({ ...runtime, url: config.queueUrl, prefix });
  const queues = openQueues(backend, clock.now);
  const wanted = (): WatchedNames => watchedDepartures(policy());
  const kube = connectKube({ ...config.kube, ...runtime, version, wanted });
  const services = new Map<string, RebootService>();
  const bot = createBot({ ...config.slack, ...namedIn(policy), clusters: services, ...runtime });
  const calendars = connectCalendars({
    ...runtime,
    onChange: () => queueResync({ queues, logger, name }),
  });
  calendars.follow(config.calendars);
  const gates = connectGates(concurrently([kube.gatekeeper, kube.workloads]), {
    clock,
    cluster: name,
    sleep: runtime.sleep,
  });
  const service = createService({
    cluster: kube.cluster,
    store: kube.store,
    ledger: kube.ledger,
    pauses: kube.pauses,
    gatekeeper: gates.gatekeeper,
    preview: gates.preview,
    hooks: gates.hooks,
    silences: gates.silences,
    chat: bot.chat,
    queue: queues.of(name),
    clock,
    logger: logger.child({ cluster: name }),
    policy: () => calendars.inForce(policy()),
    refusedConfig: () => live.refused(),
    chatAwaySince: () => bot.awaySince(),
    digest,
    own: () => ({
      pods: listed(config.own.pod),
      nodes: [...new Set([...listed(config.own.node), ...kube.ownNodes()])],
    }),
  });
  services.set(name, service);
  const workers = createWorkers({ backend, queues, work: services, logger, random: runtime.random });
  const parts = { config, live, runtime, backend, queues, kube, calendars, gates, bot, service, workers };

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

interface Parts {
  readonly config: Config;
  readonly live: LiveConfig;
  readonly runtime: Runtime;
  readonly backend: Backend;
  readonly queues: Queues;
  readonly kube: Kube;
  readonly calendars: Calendars;
  readonly gates: Gates;
  readonly bot: Bot;
  readonly service: RebootService;
  readonly workers: Workers;
}

/**
 * A changed file that was refused leaves the previous configuration in force. On one line, like every line of
 * /readyz.
 */
const configHealth = (refused: string | undefined): { readonly ok: boolean; readonly why?: string } =>
  refused === undefined
    ? { ok: true }
    : { ok: false, why: `refused, the one before stays in force: ${refused.replaceAll(/\s+/g, ' ')}` };

/** Progress of the start. */
interface Start {
  ready: boolean;
  waitsFor?: string | undefined;
}

const started = (
  { ready, waitsFor: why }: Start,
  stop: AbortSignal,
): { readonly ok: boolean; readonly why?: string } => {
  const ok = ready && !stop.aborted;
  return why === undefined ? { ok } : { ok, why };
};

const healthChecks = ({
  live,
  runtime,
  kube,
  backend,
  bot,
}: Pick<Parts, 'live' | 'runtime' | 'kube' | 'backend' | 'bot'>): readonly HealthCheck[] => [
  { name: 'cluster', essential: true, check: () => clusterHealth(kube, runtime.clock.now()) },
  { name: 'queue', essential: false, check: () => backend.health() },
  { name: 'slack', essential: false, check: () => bot.health() },
  { name: 'configuration', essential: false, check: () => configHealth(live.refused()?.problem) },
];

/** Starts the parts in the order of their dependencies and then reports ready. Returns when it is stopped. */
async function run(
  { config, live, runtime, ...parts }: Parts,
  stop: AbortSignal,
  running: AbortSignal,
): Promise<void> {
  const { backend, queues, kube, calendars, bot, service, workers } = parts;
  const { logger } = runtime;
  const name = config.policy.cluster;
  const start: Start = { ready: false };
  const health = await startHealth(config.healthPort, [
    { name: 'started', essential: true, check: () => started(start, stop) },
    ...healthChecks({ live, runtime, ...parts }),
  ]);
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
  workers.start();
  backend.onUsable(resync);
  void bot.start().then(resync);
  start.ready = true;
  logger.info('ready', {
    cluster: name,
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
  const outages = outagesOf({ runtime, kube, bot, backend });
  runtime.every(outageCheckInterval, running, () => void outages());
  runtime.every(resyncInterval, running, () => {
    resync();
    // Two installations that started together may both have claimed the cluster.
    claim(kube).catch((error: unknown) => {
      if (error instanceof PortError && !error.retryable) lost.reject(error);
    });
  });
  resync();
  await Promise.race([aborted(stop), lost.promise]);
}

const outagesOf = ({
  runtime,
  kube,
  bot,
  backend,
}: Pick<Parts, 'runtime' | 'kube' | 'bot' | 'backend'>): (() => Promise<void>) =>
  createOutages({
    ...runtime,
    record: (event) => kube.ledger.record(event),
    parts: [
      { name: 'slack', reason: 'Slack', health: () => bot.health() },
      { name: 'queue', reason: 'Queue', health: () => backend.health() },
    ],
  });

/** Each watch receives a bookmark of the API server at least once a minute. */
const maxSilence: Millis = 5 * minute;

/** Not ready without the API server: another replica may reach it. */
function clusterHealth(kube: Kube, now: Instant): { readonly ok: boolean; readonly why?: string } {
  const silent = now - kube.cluster.heardAt();
  if (silent < maxSilence) return { ok: true };
  return { ok: false, why: `The API server has not been heard from for ${inWords(silent)}` };
}

function queueResync({ queues, logger, name }: { queues: Queues; logger: Logger; name: string }): void {
  queues.resync(name).catch((error: unknown) => logger.warn('scan not queued', { err: error }));
}

const listed = (value: string | undefined): readonly string[] => (value === undefined ? [] : [value]);

/** The user groups and channels in the policy. */
const namedIn = (policy: () => Policy): Pick<BotOptions, 'approverGroups' | 'channels'> => ({
  approverGroups: () =>
    policy().pools.flatMap(({ approvers }) => (approvers.kind === 'named' ? approvers.groups : [])),
  channels: () => policy().pools.map(({ channel }) => channel),
});

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** In reverse order: first no new interactions and no new jobs, then the connections. */
async function shutDown({ workers, bot, kube, gates, queues, backend }: Parts): Promise<void> {
  const deadline = AbortSignal.timeout(shutdownGrace);
  await Promise.allSettled([bot.stop(), workers.stop(deadline)]);
  await Promise.allSettled([kube.stop(), gates.close(), queues.close()]);
  await backend.close();
}
