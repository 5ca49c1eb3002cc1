import { type RefusedConfig, withoutAddresses } from '../ports/refused-config.ts';
import { minute, toTimestamp } from '../ports/time.ts';
import type { ServiceDeps } from '../loop/deps.ts';

/** The kubelet brings a ConfigMap to the nodes of all replicas within this time. */
const replicasFollowWithin = 10 * minute;

/**
 * Tells of a refused configuration once for each version of the file: each channel of the pools in force, and
 * an Event.
 */
export async function tellRefusedConfig(deps: ServiceDeps): Promise<void> {
  const refused = deps.refusedConfig();
  if (refused === undefined) return;
  const channels = [...new Set(deps.policy().pools.map(({ channel }) => channel))];
  const key = deps.digest(`${refused.version} ${refused.problem}`).slice(0, 16);
  const told = await Promise.allSettled([
    ...channels.map((channel) =>
      once(deps, [key, refused.since, channel], () => post(deps, refused, key, channel)),
    ),
    once(deps, [key, refused.since, 'event'], () => record(deps, refused, key)),
  ]);
  // A channel that cannot be reached keeps no other from being told.
  const failed = told.find((one) => one.status === 'rejected');
  if (failed) throw failed.reason;
}

async function once(deps: ServiceDeps, of: readonly unknown[], tell: () => Promise<void>): Promise<void> {
  const mark = of.join(' ');
  if (deps.told.has(mark)) return;
  await tell();
  deps.told.add(mark);
}

const post = (
  deps: ServiceDeps,
  { problem, since }: RefusedConfig,
  key: string,
  channel: string,
): Promise<void> =>
  deps.chat.reportConfig({
    key,
    cluster: deps.policy().cluster,
    channel,
    problems: withoutAddresses(problem).split('\n'),
    since: since - replicasFollowWithin,
  });

const record = (deps: ServiceDeps, { problem }: RefusedConfig, key: string): Promise<void> =>
  deps.ledger.record({
    key: `configuration-refused.${key}`,
    type: 'Warning',
    reason: 'ConfigurationRefused',
    note: `The configuration was changed, and refused; the one before stays in force. ${withoutAddresses(problem).replaceAll(/\s+/g, ' ')}`,
    at: toTimestamp(deps.clock.now()),
  });
