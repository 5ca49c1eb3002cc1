/** Every check of an installation, with the connections that they need. */
import { existsSync } from 'node:fs';
import process from 'node:process';
import { slackProbe } from '../bot/slack-probe.ts';
import type { Problem } from '../config/checks/problems.ts';
import { warningsOf } from '../config/checks/warnings.ts';
import { readConfigFile } from '../config/config-file.ts';
import type { ClusterConfig, Config } from '../config/load.ts';
import type { Outside } from '../config/outside.ts';
import { redisProbe } from '../jobs/redis-probe.ts';
import { connectClient } from '../k8s/api/connect-client.ts';
import type { Clock } from '../reboot/time/time.ts';
import type { Sleep } from '../timing/sleep.ts';
import { clusterChecks } from './checks/cluster.ts';
import { nodeChecks } from './checks/nodes.ts';
import { queueChecks } from './checks/queue.ts';
import { settingsChecks } from './checks/settings.ts';
import { slackChecks } from './checks/slack.ts';
import type { Check } from './finding.ts';

export interface Surroundings {
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly version: string;
  /** What check-config warns of in the configuration file. */
  readonly warnings: readonly Problem[];
}

export interface Checks {
  readonly checks: readonly Check[];
  readonly close: () => Promise<void>;
}

export function configWarnings(outside: Outside, { now }: Clock): readonly Problem[] {
  const file = readConfigFile(outside, outside.env['TUGBOOT_CONFIG'], []);
  return file ? warningsOf(file, { now: now(), isMounted: existsSync }) : [];
}

export function allChecks(config: Config, surroundings: Surroundings): Checks {
  const { clusters, queue, slack } = config;
  const { clock, warnings } = surroundings;
  const ofClusters = clusters.map((cluster) => checksOf(cluster, clusters.length > 1, surroundings));
  // PostgreSQL stands in for Redis in demos only.
  const redis = /^postgres(ql)?:/.test(queue.url) ? undefined : redisProbe(queue, clock);
  const channels = clusters.flatMap(({ policy }) => policy.pools.map(({ channel }) => channel));
  const year = new Date(clock.now()).getUTCFullYear();
  return {
    checks: [
      ...settingsChecks({ warnings, tzData: process.versions['tz'], year }),
      ...ofClusters.flatMap(({ checks }) => checks),
      ...(redis === undefined ? [] : queueChecks(redis)),
      ...slackChecks({ slack: slackProbe(slack), channels }),
    ],
    close: async () => {
      redis?.close();
      await Promise.all(ofClusters.map(({ close }) => close()));
    },
  };
}

/** Of several clusters each check names its own: `prod-eu/rights`. */
function checksOf(
  { policy, kube }: ClusterConfig,
  isOneOfSeveral: boolean,
  { clock, sleep, version }: Surroundings,
): Checks {
  const client = connectClient({ ...kube, clock, sleep, version });
  const { namespace } = kube;
  const checks = [
    ...clusterChecks({ client, clock, namespace }),
    ...nodeChecks({ client, policy, version, namespace }),
  ];
  return {
    checks: isOneOfSeveral
      ? checks.map((check) => ({ name: `${policy.cluster}/${check.name}`, run: () => check.run() }))
      : checks,
    close: () => client.close(),
  };
}
