/** One bot of a schedule: what `serve` composes, over connections of the test's. */
import type { Config } from '../../../src/config/load.ts';
import { buildShared } from '../../../src/lifecycle/build-shared.ts';
import { servedClusters } from '../../../src/lifecycle/served-clusters.ts';
import type { Runtime } from '../../../src/lifecycle/runtime.ts';
import type { Metrics } from '../../../src/ops/metrics/metrics.ts';
import type { Decisions } from '../../../src/reboot/ports/decisions/decisions.ts';
import type { Logger } from '../../../src/reboot/ports/logger.ts';
import type { Meter } from '../../../src/reboot/ports/meter.ts';
import type { Dice } from '../time/randomness.ts';
import type { Process } from '../time/process.ts';

export interface BotParts {
  readonly process: Process;
  readonly dice: Dice;
  readonly config: () => Config;
  readonly connections: NonNullable<Runtime['connections']>;
  readonly logger: Logger;
  /** The bot has given up, or could not start. */
  readonly onEnd: (error: unknown) => void;
}

export interface RunningBot {
  /** The file of the configuration has changed. */
  reload(): void;
}

const meter = new Proxy({}, { get: () => () => undefined }) as Meter;
const metrics: Metrics = {
  meter,
  contentType: 'text/plain',
  read: () => undefined,
  of: () => ({ meter, read: () => undefined, leave: () => undefined }),
  expose: async () => '',
};

export function startBot({ process, dice, config, connections, logger, onEnd }: BotParts): RunningBot {
  const { signal } = new AbortController();
  const runtime: Runtime = {
    clock: { now: process.now },
    random: dice.next,
    sleep: process.sleep,
    every: process.every,
    logger,
    configWarnings: () => [],
    onAudit: () => undefined,
    readConfig: config,
    onConfigTouched: () => undefined,
    connections,
  };
  const decisions = new Map<string, Decisions>();
  const shared = buildShared(config(), runtime, { clusters: decisions, metrics });
  const clusters = servedClusters(shared, decisions);
  clusters
    .start()
    .then(() => {
      void shared.audit.run(signal);
      void shared.bot.start().then(() => clusters.resync());
      return clusters.lost;
    })
    .catch(onEnd);
  return {
    reload() {
      const before = shared.live.refused();
      const seen = shared.live.reload();
      if (seen === 'refused' && shared.live.refused() !== before) clusters.resync();
      if (seen === 'taken') clusters.follow();
    },
  };
}
