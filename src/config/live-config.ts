import type { Clock } from '../reboot/time/time.ts';
import type { Logger } from '../reboot/ports/logger.ts';
import type { RefusedConfig } from '../reboot/ports/refused-config.ts';
import type { ClusterConfig, Config } from './load.ts';
import { ConfigError } from './checks/problems.ts';

/** The configuration in force, while its file may change. */
export interface LiveConfig {
  readonly current: () => Config;
  /**
   * Reads the file again. A valid file replaces the whole configuration; an invalid one changes nothing.
   * Environment variables are not read again while the program runs.
   */
  readonly reload: () => 'same' | 'taken' | 'refused';
  /** The current file if it was refused; undefined if it is in force. */
  readonly refused: () => RefusedConfig | undefined;
}

export interface LiveConfigDeps {
  /** Throws a ConfigError with every problem. */
  readonly read: () => Config;
  readonly logger: Logger;
  readonly clock: Clock;
}

export function liveConfig(first: Config, { read, logger, clock }: LiveConfigDeps): LiveConfig {
  let current = first;
  let refused: RefusedConfig | undefined;
  const refuse = (problem: string, version: string): 'refused' => {
    const isKnown = problem === refused?.problem && version === refused.version;
    if (isKnown) return 'refused';
    // Logged once for each version of the file, not at each reload.
    logger.error('configuration refused, the one before stays in force', { problem });
    refused = { problem, version, since: clock.now() };
    return 'refused';
  };
  return {
    current: () => current,
    refused: () => refused,
    reload() {
      const next = readOr(read);
      if (next instanceof ConfigError) return refuse(next.message, next.version);
      const moved = movedCluster(current.clusters, next.clusters);
      if (moved !== undefined) return refuse(moved, next.version);
      refused = undefined;
      if (same(next, current)) return 'same';
      current = { ...current, clusters: next.clusters };
      logger.info('configuration taken', poolsOf(next));
      return 'taken';
    },
  };
}

function readOr(read: () => Config): Config | ConfigError {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error;
  }
}

const same = (one: Config, other: Config): boolean =>
  JSON.stringify(one.clusters) === JSON.stringify(other.clusters);

/** What the log says of a configuration. */
export const poolsOf = ({ clusters }: Config): { readonly pools: readonly string[] } => ({
  pools: clusters.flatMap(({ policy }) =>
    policy.pools.map(({ name }) => (clusters.length === 1 ? name : `${policy.cluster}/${name}`)),
  ),
});

/** Clusters may come and go while Tugboot runs, but not be renamed, nor be reached in another way. */
function movedCluster(before: Config['clusters'], after: Config['clusters']): string | undefined {
  for (const { policy, kube } of after) {
    const known = before.find((other) => other.policy.cluster === policy.cluster);
    const isReached = (other: ClusterConfig): boolean => JSON.stringify(other.kube) === JSON.stringify(kube);
    if (known !== undefined && !isReached(known))
      return `${policy.cluster}: How a cluster is reached is not changed while Tugboot runs. Restart Tugboot to change it.`;
    if (known === undefined && before.some(isReached))
      return 'cluster: The name of the cluster is part of what is stored. Restart Tugboot to change it.';
  }
  return undefined;
}
