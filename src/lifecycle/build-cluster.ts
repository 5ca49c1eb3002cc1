/** The parts of one cluster. They use no part of another cluster but what `Shared` names. */
import { createHash } from 'node:crypto';
import type { Bot } from '../bot/bot.ts';
import type { Calendars } from '../calendars/calendars.ts';
import { connectCalendars } from '../calendars/connect-calendars.ts';
import type { LiveConfig } from '../config/live-config.ts';
import type { ClusterConfig, Config } from '../config/load.ts';
import { connectGates, type Gates } from '../gates/connect-gates.ts';
import { concurrently } from '../gates/gatekeepers.ts';
import type { Backend } from '../jobs/backend.ts';
import { queuePrefix } from '../jobs/job-names.ts';
import { openBackend } from '../jobs/open-backend.ts';
import { openQueues, type Queues } from '../jobs/queues.ts';
import { createWorkers, type Workers } from '../jobs/workers.ts';
import { connectKube, type Kube } from '../k8s/kube.ts';
import type { Metrics } from '../ops/metrics/metrics.ts';
import { watchedDepartures } from '../reboot/policy/departure.ts';
import type { WatchedNames } from '../reboot/policy/pool-signal.ts';
import type { Chat } from '../reboot/ports/chat.ts';
import type { Logger } from '../reboot/ports/logger.ts';
import type { Meter } from '../reboot/ports/meter.ts';
import type { Tracing } from '../ops/tracing/open-tracing.ts';
import type { ServicePorts } from '../reboot/loop/deps.ts';
import { createService, type RebootService } from '../reboot/service/service.ts';
import { version } from '../version.ts';
import { addClusterSources } from './metric-sources.ts';
import type { Runtime } from './runtime.ts';

/** What the clusters share. */
export interface Shared {
  readonly config: Config;
  readonly live: LiveConfig;
  readonly runtime: Runtime;
  readonly metrics: Metrics;
  readonly bot: Bot;
  readonly tracing?: Tracing | undefined;
  /** The log of a cluster: each line names it. */
  readonly logOf: (cluster: string) => Logger;
}

export interface ClusterParts {
  readonly name: string;
  /** The configuration in force, or the last one of a cluster that has been removed. */
  readonly config: () => ClusterConfig;
  readonly runtime: Runtime;
  readonly backend: Backend;
  readonly queues: Queues;
  readonly kube: Kube;
  readonly calendars: Calendars;
  readonly gates: Gates;
  readonly ports: ServicePorts;
  readonly service: RebootService;
  readonly workers: Workers;
  readonly queueResync: () => void;
  /** Leaves it out of the metrics. */
  readonly leaveMetrics: () => void;
}

/** Opens no connection that has to be awaited. Throws a `PortError` when its kubeconfig names no cluster. */
export function buildCluster(first: ClusterConfig, shared: Shared): ClusterParts {
  const { live, bot, config: started } = shared;
  const name = first.policy.cluster;
  const runtime: Runtime = { ...shared.runtime, logger: shared.logOf(name) };
  const { clock, sleep, logger } = runtime;
  const config = configOf(first, live);
  const metrics = shared.metrics.of(name);
  const { tracing } = shared;
  const meter = tracing === undefined ? metrics.meter : tracedMeter(metrics.meter, tracing, name);

  const wanted = (): WatchedNames => watchedDepartures(config().policy);
  const kube = connectKube({ ...first.kube, ...runtime, ...runtime.connections, version, wanted, meter });
  const prefix = queuePrefix(started.own.namespace, name);
  const open = runtime.connections?.openBackend ?? openBackend;
  const backend = open({ ...runtime, ...started.queue, prefix, tracing });
  const queues = openQueues(backend, clock.now, tracing?.inTraceOf);
  const queueResync = (): void => {
    queues.resync(name).catch((error: unknown) => logger.warn('resync not queued', { err: error }));
  };
  const calendars = connectCalendars({ ...runtime, onChange: queueResync });
  calendars.follow(first.calendars);
  const gates = connectGates(concurrently([kube.gatekeeper, kube.workloads]), {
    clock,
    cluster: name,
    sleep,
  });
  const ports: ServicePorts = {
    cluster: kube.cluster,
    store: kube.store,
    ledger: kube.ledger,
    pauses: kube.pauses,
    digests: kube.digests,
    gatekeeper: gates.gatekeeper,
    preview: gates.preview,
    hooks: gates.hooks,
    silences: gates.silences,
    chat: chatOf(bot, () => ({ colour: config().policy.colour })),
    queue: queues.of(name),
    clock,
    meter,
    logger,
    policy: () => calendars.inForce(config().policy),
    refusedConfig: () => live.refused(),
    chatAwaySince: () => bot.awaySince(),
    hash,
    own: () => ownIn(first, started, kube),
  };
  const service = createService(ports);
  const work = new Map([[name, service]]);
  const workers = createWorkers({ ...runtime, backend, queues, work, meter });
  addClusterSources((source) => metrics.read(source), { config, live, kube, queues });
  const parts = { name, config, runtime, backend, queues, kube, calendars, gates, ports, service, workers };
  return { ...parts, queueResync, leaveMetrics: () => metrics.leave() };
}

function configOf(first: ClusterConfig, live: LiveConfig): () => ClusterConfig {
  let last = first;
  return () => {
    last = live.current().clusters.find(({ policy }) => policy.cluster === first.policy.cluster) ?? last;
    return last;
  };
}

const tracedMeter = (meter: Meter, tracing: Pick<Tracing, 'saved'>, cluster: string): Meter => ({
  ...meter,
  saved: (before, after) => {
    meter.saved(before, after);
    tracing.saved(cluster, before, after);
  },
});

/** The bot's chat, with what people see of the cluster on all of its messages. */
export function chatOf(
  { chat }: Pick<Bot, 'chat'>,
  look: () => { readonly colour?: ClusterConfig['policy']['colour'] | undefined; readonly unserved?: true },
): Chat {
  const withLook = <Data extends object>(data: Data): Data => {
    const { colour, unserved } = look();
    return { ...data, ...(colour ? { colour } : {}), ...(unserved ? { unserved } : {}) };
  };
  return {
    ...chat,
    show: (data, save) => chat.show(withLook(data), save),
    showDigest: (data, save) => chat.showDigest(withLook(data), save),
  };
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The bot's own pod and node are names in the cluster that it runs in, and in no other. */
function ownIn(
  { isHome }: ClusterConfig,
  { own: { pod, node } }: Config,
  kube: Kube,
): ReturnType<ServicePorts['own']> {
  const listed = (value: string | undefined): readonly string[] =>
    value === undefined || !isHome ? [] : [value];
  return { pods: listed(pod), nodes: [...new Set([...listed(node), ...kube.ownNodes()])] };
}
