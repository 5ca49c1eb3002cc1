/** Builds the adapters of the bot from its configuration, and the service from them. Starts nothing. */
import { createHash } from 'node:crypto';
import { type Bot, type BotOptions, createBot } from '../bot/bot.ts';
import type { Calendars } from '../calendars/calendars.ts';
import { connectCalendars } from '../calendars/connect-calendars.ts';
import { liveConfig, type LiveConfig } from '../config/live-config.ts';
import type { Config } from '../config/load.ts';
import { type AuditWebhook, auditWebhook } from '../gates/audit-webhook.ts';
import { connectGates, type Gates } from '../gates/connect-gates.ts';
import { concurrently } from '../gates/gatekeepers.ts';
import type { Backend } from '../jobs/backend.ts';
import { openBackend } from '../jobs/open-backend.ts';
import { openQueues, type Queues } from '../jobs/queues.ts';
import { createWorkers, type Workers } from '../jobs/workers.ts';
import { connectKube, type Kube } from '../k8s/kube.ts';
import type { HealthCheck } from '../ops/health.ts';
import { createMetrics, type Metrics } from '../ops/metrics/metrics.ts';
import { watchedDepartures } from '../reboot/policy/departure.ts';
import type { WatchedNames } from '../reboot/policy/pool-signal.ts';
import type { Policy } from '../reboot/policy/policy.ts';
import type { Clock } from '../reboot/time/time.ts';
import type { Logger } from '../reboot/ports/logger.ts';
import { createService, type RebootService } from '../reboot/service/service.ts';
import { version } from '../version.ts';
import type { Problem } from '../config/checks/problems.ts';
import { examineLive } from './examine-live.ts';
import { healthChecks } from './health-checks.ts';
import { addSources } from './metric-sources.ts';
import type { Sleep } from '../timing/sleep.ts';

/** The environment of the program besides its configuration: clock, timers, randomness, log. */
export interface Runtime {
  readonly clock: Clock;
  readonly random: () => number;
  readonly sleep: Sleep;
  readonly logger: Logger;
  /** What check-config warns of in the configuration file now. */
  readonly configWarnings: () => readonly Problem[];
  /** Calls `callback` with each record of a decision. */
  readonly onAudit: (callback: (record: object) => void) => void;
  /** Calls `callback` every `ms` milliseconds until `signal` aborts. */
  readonly every: (ms: number, signal: AbortSignal, callback: () => void) => void;
  /** Reads environment and file again; throws a ConfigError that names every problem. */
  readonly readConfig: () => Config;
  /** Calls `callback` when the file may have changed, until `signal` aborts; may miss a change. */
  readonly onConfigTouched: (signal: AbortSignal, callback: () => void) => void;
}

export interface Parts {
  readonly config: Config;
  readonly live: LiveConfig;
  readonly runtime: Runtime;
  readonly backend: Backend;
  readonly queues: Queues;
  readonly kube: Kube;
  readonly calendars: Calendars;
  readonly gates: Gates;
  readonly audit: AuditWebhook;
  readonly bot: Bot;
  readonly service: RebootService;
  readonly workers: Workers;
  readonly metrics: Metrics;
  readonly checks: readonly HealthCheck[];
}

/** Opens no connection that has to be awaited. */
export function buildParts(config: Config, runtime: Runtime): Parts {
  const { logger, clock } = runtime;
  const name = config.policy.cluster;
  const live = liveConfig(config, { read: runtime.readConfig, logger, clock });
  const policy = (): Policy => live.current().policy;

  const metrics = createMetrics({ version, ...runtime });
  const { meter } = metrics;

  // Two installations on one Redis must not share jobs; the braces keep all keys of a prefix in one slot of a
  // Redis Cluster.
  const prefix = `{tugboot.${config.kube.namespace}.${name}}`;
  const backend = openBackend({ ...runtime, url: config.queueUrl, prefix });
  const queues = openQueues(backend, clock.now);
  const wanted = (): WatchedNames => watchedDepartures(policy());
  const kube = connectKube({ ...config.kube, ...runtime, version, wanted, meter });
  const services = new Map<string, RebootService>();
  const bot = createBot({
    ...config.slack,
    ...namedIn(policy),
    clusters: services,
    meter,
    examine: examineLive(live, runtime),
    ...runtime,
  });
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
  const audit = auditWebhook({ ...runtime, webhook: () => live.current().audit });
  runtime.onAudit((record) => audit.record(record));
  const service = createServiceOf({ config, runtime, live, kube, gates, calendars, bot, queues, metrics });
  services.set(name, service);
  const workers = createWorkers({ ...runtime, backend, queues, work: services, meter });
  const checks = healthChecks({ live, clock, kube, backend, bot });
  addSources(metrics, { live, policy, kube, queues, checks });
  return {
    config,
    live,
    runtime,
    backend,
    queues,
    kube,
    calendars,
    gates,
    audit,
    bot,
    service,
    workers,
    metrics,
    checks,
  };
}

type Connected = Pick<
  Parts,
  'config' | 'runtime' | 'live' | 'kube' | 'gates' | 'calendars' | 'bot' | 'queues' | 'metrics'
>;

function createServiceOf({ config, runtime, ...parts }: Connected): RebootService {
  const { live, kube, gates, calendars, bot, queues, metrics } = parts;
  const { policy } = config;
  return createService({
    cluster: kube.cluster,
    store: kube.store,
    ledger: kube.ledger,
    pauses: kube.pauses,
    digests: kube.digests,
    gatekeeper: gates.gatekeeper,
    preview: gates.preview,
    hooks: gates.hooks,
    silences: gates.silences,
    chat: bot.chat,
    queue: queues.of(policy.cluster),
    clock: runtime.clock,
    meter: metrics.meter,
    logger: runtime.logger,
    policy: () => calendars.inForce(live.current().policy),
    refusedConfig: () => live.refused(),
    chatAwaySince: () => bot.awaySince(),
    digest,
    own: () => ({
      pods: listed(config.own.pod),
      nodes: [...new Set([...listed(config.own.node), ...kube.ownNodes()])],
    }),
  });
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

export function queueResync({
  queues,
  logger,
  name,
}: {
  queues: Queues;
  logger: Logger;
  name: string;
}): void {
  queues.resync(name).catch((error: unknown) => logger.warn('resync not queued', { err: error }));
}

const listed = (value: string | undefined): readonly string[] => (value === undefined ? [] : [value]);

/** The user groups and channels in the policy. */
const namedIn = (
  policy: () => Policy,
): Pick<BotOptions, 'approverGroups' | 'approverChannels' | 'channels'> => ({
  approverGroups: () =>
    policy().pools.flatMap(({ approvers }) => (approvers.kind === 'named' ? approvers.groups : [])),
  approverChannels: () =>
    policy().pools.flatMap(({ approvers, channel }) => (approvers.kind === 'channel' ? [channel] : [])),
  channels: () => policy().pools.map(({ channel }) => channel),
});
