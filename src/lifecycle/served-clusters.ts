/**
 * The clusters that are served, each with parts of its own: started together, none waits for another. They
 * come and go with the configuration.
 */
import type { ClusterConfig } from '../config/load.ts';
import type { HealthCheck } from '../ops/health.ts';
import type { Decisions } from '../reboot/ports/decisions/decisions.ts';
import { PortError } from '../reboot/ports/port-error.ts';
import type { Instant } from '../reboot/time/time.ts';
import { buildCluster, type ClusterParts } from './build-cluster.ts';
import type { SharedParts } from './build-shared.ts';
import { guardedDecisions, type Reach } from './guarded-decisions.ts';
import { clusterHealth } from './health-checks.ts';
import { keepInSync, startCluster, stopCluster } from './run-cluster.ts';
import type { WakeUps } from './wake-ups.ts';
import { withdrawCards } from './withdraw-cards.ts';

interface Served {
  readonly parts: ClusterParts;
  readonly reach: Reach;
  readonly running: AbortController;
  wakes?: WakeUps;
  hasFailed: boolean;
}

export interface ServedClusters {
  /**
   * Resolves when the first is served. Rejects when none can be, or later when none is left; `lost` is that
   * promise.
   */
  start(): Promise<void>;
  readonly lost: Promise<never>;
  /** After the configuration has changed. */
  follow(): void;
  resync(): void;
  /** The bot stays ready as long as one of them can be reached. */
  checks(): readonly HealthCheck[];
  /** What the start waits for, if none is served yet. */
  waitsFor(): string | undefined;
  stop(deadline: AbortSignal): Promise<void>;
}

interface State {
  readonly shared: SharedParts;
  readonly decisions: Map<string, Decisions>;
  readonly served: Map<string, Served>;
  /** Removals under way. */
  readonly leaving: Set<Promise<void>>;
  readonly first: PromiseWithResolvers<void>;
  readonly lost: PromiseWithResolvers<never>;
}

/** `decisions` is kept up to date: those of each cluster that is served. */
export function servedClusters(shared: SharedParts, decisions: Map<string, Decisions>): ServedClusters {
  const served = new Map<string, Served>();
  const [first, lost] = [Promise.withResolvers<void>(), Promise.withResolvers<never>()];
  lost.promise.catch(() => undefined);
  const state: State = { shared, decisions, served, leaving: new Set(), first, lost };
  for (const config of shared.live.current().clusters) open(state, config);
  return {
    lost: lost.promise,
    start: () => {
      for (const one of served.values()) void run(state, one);
      return first.promise;
    },
    follow: () => follow(state),
    resync: () => {
      for (const { parts, reach } of served.values()) if (reach.isServed) parts.queueResync();
    },
    checks: () => checksOf([...served.values()], shared),
    waitsFor: () => {
      const all = [...served.values()];
      return all.some(({ reach }) => reach.isServed) ? undefined : all[0]?.reach.why;
    },
    stop: (deadline) => stop(state, deadline),
  };
}

function open({ shared, decisions, served }: State, config: ClusterConfig): Served {
  const { clock, sleep } = shared.runtime;
  const parts = buildCluster(config, shared);
  const { name, kube, service } = parts;
  const reach: Reach = { isServed: false, since: clock.now() };
  const one: Served = { parts, reach, running: new AbortController(), hasFailed: false };
  const heardAt = (): Instant => kube.cluster.heardAt();
  const isOneOfSeveral = (): boolean => served.size > 1;
  served.set(name, one);
  decisions.set(
    name,
    guardedDecisions({ name, decisions: service, reach, heardAt, clock, sleep, isOneOfSeveral }),
  );
  return one;
}

async function run(state: State, one: Served): Promise<void> {
  const { parts, reach, running } = one;
  const { signal } = running;
  const waits = (why: string | undefined): void => setWhy(reach, why);
  try {
    one.wakes = await startCluster({ parts, bot: state.shared.bot, signal, waits });
    if (signal.aborted) return;
    reach.isServed = true;
    const { logger } = parts.runtime;
    logger.info('cluster served', { pools: parts.config().policy.pools.length });
    state.first.resolve();
    parts.queueResync();
    await keepInSync({ parts, signal });
  } catch (error) {
    fail(state, one, error);
  }
}

/** One of several that is lost leaves the others as they are. */
function fail({ served, first, lost }: State, one: Served, error: unknown): void {
  if (one.running.signal.aborted) return;
  one.hasFailed = true;
  one.reach.isServed = false;
  setWhy(one.reach, error instanceof PortError ? error.message : 'It cannot be served; the log has it.');
  if ([...served.values()].every(({ hasFailed }) => hasFailed)) {
    first.reject(error);
    lost.reject(error);
    return;
  }
  const { logger } = one.parts.runtime;
  logger.error('cluster cannot be served', { err: error });
  one.running.abort();
  void stopWorkers(one).then(() => stopCluster(one.parts));
}

/** Takes the clusters of a changed configuration. */
function follow(state: State): void {
  const { shared, served, leaving } = state;
  const { clusters } = shared.live.current();
  const names = new Set(clusters.map(({ policy }) => policy.cluster));
  for (const [name, one] of served) {
    if (names.has(name)) continue;
    const left = leave(state, one).finally(() => leaving.delete(left));
    leaving.add(left);
  }
  for (const { parts, wakes } of served.values()) {
    parts.calendars.follow(parts.config().calendars);
    wakes?.policyChanged();
    parts.queueResync();
  }
  for (const config of clusters) if (!served.has(config.policy.cluster)) add(state, config);
}

async function leave({ shared, decisions, served }: State, one: Served): Promise<void> {
  const { parts, reach, running, hasFailed } = one;
  const { logger } = parts.runtime;
  decisions.delete(parts.name);
  served.delete(parts.name);
  logger.info('cluster removed from the configuration');
  await stopWorkers(one);
  if (reach.isServed) await withdrawCards(parts, shared.bot);
  running.abort();
  if (!hasFailed) await stopCluster(parts);
}

function add(state: State, config: ClusterConfig): void {
  try {
    void run(state, open(state, config));
  } catch (error) {
    const { logger } = state.shared.runtime;
    logger.error('cluster cannot be served', { cluster: config.policy.cluster, err: error });
  }
}

async function stop({ served, leaving }: State, deadline: AbortSignal): Promise<void> {
  const all = [...served.values()];
  // First no new jobs anywhere.
  await Promise.allSettled(all.map(({ parts }) => parts.workers.stop(deadline)));
  for (const { running } of all) running.abort();
  await Promise.allSettled(all.map(({ parts }) => stopCluster(parts)));
  const cut = new Promise<void>((resolve) =>
    deadline.addEventListener('abort', () => resolve(), { once: true }),
  );
  await Promise.race([Promise.allSettled(leaving), cut]);
}

/** A worker's job that is cut loses nothing: another bot, or the next start, takes it up. */
const stopGrace = 5_000;

const stopWorkers = ({ parts }: Served): Promise<void> =>
  parts.workers.stop(AbortSignal.timeout(stopGrace)).catch(() => undefined);

function setWhy(reach: Reach, why: string | undefined): void {
  if (why === undefined) delete reach.why;
  else reach.why = why;
}

function checksOf(
  all: readonly Served[],
  { runtime: { clock } }: Pick<SharedParts, 'runtime'>,
): readonly HealthCheck[] {
  const healthOf = ({ parts, reach }: Served): ReturnType<HealthCheck['check']> => {
    if (reach.isServed || all.length === 1) return clusterHealth(parts.kube, clock.now());
    return { ok: false, why: reach.why ?? 'It has not been reached yet' };
  };
  const queueHealth = (): ReturnType<HealthCheck['check']> =>
    all.map(({ parts }) => parts.backend.health()).find(({ ok }) => !ok) ?? { ok: true };
  const [only, ...others] = all;
  const queue: HealthCheck = { name: 'queue', essential: false, check: queueHealth };
  if (only !== undefined && others.length === 0)
    return [{ name: 'cluster', essential: true, check: () => healthOf(only) }, queue];
  return [
    {
      name: 'clusters',
      essential: true,
      check: () =>
        all.some((one) => healthOf(one).ok)
          ? { ok: true }
          : { ok: false, why: 'None of them can be reached' },
    },
    ...all.map((one) => ({
      name: `cluster ${one.parts.name}`,
      essential: false,
      check: () => healthOf(one),
    })),
    queue,
  ];
}
