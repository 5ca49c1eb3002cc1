import type { Logger } from '../reboot/ports.ts';
import type { Config } from './load.ts';
import { ConfigError } from './problems.ts';

/** The configuration in force, while the file behind it may change. */
export interface LiveConfig {
  readonly current: () => Config;
  /**
   * Reads again. A file that is good is taken as a whole; of a bad one nothing is, and the one before stays in force. What comes from the
   * environment does not change while the program runs.
   */
  readonly look: () => 'same' | 'taken' | 'refused';
  /** Why the file as it is now was refused; undefined while it is the one in force. */
  readonly problem: () => string | undefined;
}

export interface LiveConfigDeps {
  /** Throws a ConfigError that names every problem. */
  readonly read: () => Config;
  readonly logger: Logger;
}

export function liveConfig(first: Config, { read, logger }: LiveConfigDeps): LiveConfig {
  let current = first;
  let refused: string | undefined;
  const refuse = (problem: string): 'refused' => {
    // Once for each problem, and not at each look.
    if (problem !== refused)
      logger.error('configuration refused, the one before stays in force', { problem });
    refused = problem;
    return 'refused';
  };
  return {
    current: () => current,
    problem: () => refused,
    look() {
      const next = readOr(read);
      if (typeof next === 'string') return refuse(next);
      if (next.policy.cluster !== current.policy.cluster)
        return refuse(
          'cluster: The name of the cluster is part of what is stored. Restart Tugboot to change it.',
        );
      refused = undefined;
      if (same(next, current)) return 'same';
      current = { ...current, policy: next.policy, calendars: next.calendars };
      logger.info('configuration taken', { pools: next.policy.pools.map(({ name }) => name) });
      return 'taken';
    },
  };
}

function readOr(read: () => Config): Config | string {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message;
  }
}

const same = (one: Config, other: Config): boolean =>
  JSON.stringify([one.policy, one.calendars]) === JSON.stringify([other.policy, other.calendars]);
