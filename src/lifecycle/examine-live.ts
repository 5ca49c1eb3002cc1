import { allChecks, type Surroundings } from '../doctor/all-checks.ts';
import { examine } from '../doctor/examine.ts';
import type { LiveConfig } from '../config/live-config.ts';
import type { Examine, Examined } from '../reboot/ports/examination.ts';
import { version } from '../version.ts';

/**
 * Examines the installation by the configuration in force. People who ask meanwhile share the answer: one
 * examination takes some eighty requests.
 */
export function examineLive(
  live: Pick<LiveConfig, 'current'>,
  runtime: Pick<Surroundings, 'clock' | 'sleep'> & {
    readonly configWarnings: () => Surroundings['warnings'];
  },
): Examine {
  let running: Promise<readonly Examined[]> | undefined;
  const run = async (): Promise<readonly Examined[]> => {
    const warnings = runtime.configWarnings();
    const { checks, close } = allChecks(live.current(), { ...runtime, version, warnings });
    const all: Examined[] = [];
    try {
      await examine(checks, (examined) => all.push(examined));
    } finally {
      await close();
    }
    return all;
  };
  return () => {
    running ??= run().finally(() => (running = undefined));
    return running;
  };
}
