/** Builds what all clusters share: Slack, metrics, the configuration in force. Starts nothing. */
import { type Bot, type BotOptions, createBot } from '../bot/bot.ts';
import { liveConfig } from '../config/live-config.ts';
import type { Config } from '../config/load.ts';
import { type AuditWebhook, auditWebhook } from '../gates/audit-webhook.ts';
import { createMetrics, type Metrics } from '../ops/metrics/metrics.ts';
import type { Decisions } from '../reboot/ports/decisions/decisions.ts';
import type { Logger } from '../reboot/ports/logger.ts';
import type { Policy } from '../reboot/policy/policy.ts';
import { version } from '../version.ts';
import type { Shared } from './build-cluster.ts';
import { examineLive } from './examine-live.ts';
import type { Tracing } from '../ops/tracing/open-tracing.ts';
import type { Runtime } from './runtime.ts';

export interface SharedParts extends Shared {
  readonly bot: Bot;
  readonly audit: AuditWebhook;
}

export interface SharedWith {
  /** The decisions of those that are served, at any time. */
  readonly clusters: ReadonlyMap<string, Decisions>;
  readonly tracing?: Tracing | undefined;
  /** Absent: made. */
  readonly metrics?: Metrics;
}

/** Opens no connection. */
export function buildShared(
  config: Config,
  runtime: Runtime,
  { clusters, tracing, metrics = createMetrics({ version, ...runtime }) }: SharedWith,
): SharedParts {
  const { logger, clock } = runtime;
  const live = liveConfig(config, { read: runtime.readConfig, logger, clock });
  const policies = (): readonly Policy[] => live.current().clusters.map(({ policy }) => policy);
  const logOf = (cluster: string): Logger => logger.child({ cluster });
  const bot = createBot({
    ...config.slack,
    ...namedIn(policies),
    clusters,
    meter: metrics.meter,
    examine: examineLive(live, runtime),
    ...runtime,
    ...runtime.connections,
    logOf,
  });
  const audit = auditWebhook({ ...runtime, webhook: () => live.current().audit });
  runtime.onAudit((record) => audit.record(record));
  return { config, live, runtime, metrics, bot, audit, tracing, logOf };
}

/** The user groups and channels in the policies. */
const namedIn = (
  policies: () => readonly Policy[],
): Pick<BotOptions, 'approverGroups' | 'approverChannels' | 'channels'> => ({
  approverGroups: () =>
    policies().flatMap(({ pools }) =>
      pools.flatMap(({ approvers }) => (approvers.kind === 'named' ? approvers.groups : [])),
    ),
  approverChannels: () =>
    policies().flatMap(({ pools }) =>
      pools.flatMap(({ approvers, channel }) => (approvers.kind === 'channel' ? [channel] : [])),
    ),
  channels: () => policies().flatMap(({ pools }) => pools.map(({ channel }) => channel)),
});
