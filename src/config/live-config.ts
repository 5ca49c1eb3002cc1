import type { Clock } from '../reboot/ports/time.ts';
import type { Logger } from '../reboot/ports/logger.ts';
import type { RefusedConfig } from '../reboot/ports/refused-config.ts';
import type { Config } from './load.ts';
import { ConfigError } from './checks/problems.ts';

/** The configuration in force, while the file behind it may change. */
export interface LiveConfig {
  readonly current: () => Config;
  /**
   * Reads again. A file that is good is taken as a whole; of a bad one nothing is, and the one before stays
   * in force. What comes from the environment does not change while the program runs.
   */
  readonly look: () => 'same' | 'taken' | 'refused';
  /** The file as it is now, where it was refused; undefined while it is the one in force. */
  readonly refused: () => RefusedConfig | undefined;
}

export interface LiveConfigDeps {
  /** Throws a ConfigError that names every problem. */
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
    // Once for each version, and not at each look.
    logger.error('configuration refused, the one before stays in force', { problem });
    refused = { problem, version, since: clock.now() };
    return 'refused';
  };
  return {
    current: () => current,
    refused: () => refused,
    look() {
      const next = readOr(read);
      if (next instanceof ConfigError) return refuse(next.message, next.version);
      if (next.policy.cluster !== current.policy.cluster)
        return refuse(
          'cluster: The name of the cluster is part of what is stored. Restart Tugboot to change it.',
          next.version,
        );
      refused = undefined;
      if (same(next, current)) return 'same';
      current = { ...current, policy: next.policy, calendars: next.calendars };
      logger.info('configuration taken', { pools: next.policy.pools.map(({ name }) => name) });
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
  JSON.stringify([one.policy, one.calendars]) === JSON.stringify([other.policy, other.calendars]);
