import { type RefusedConfig, withoutAddresses } from '../ports/refused-config.ts';
import { minute, toTimestamp } from '../time/time.ts';
import type { ServiceDeps } from '../loop/deps.ts';

/** Milliseconds. The kubelets update a ConfigMap on the nodes of all replicas within this time. */
const replicaLag = 10 * minute;

/**
 * Posts a notice about a rejected configuration once for each version of the file, to each channel of the
 * pools in force, and records an Event.
 */
export async function postRefusedConfig(deps: ServiceDeps): Promise<void> {
  const refused = deps.refusedConfig();
  if (refused === undefined) return;
  const channels = [...new Set(deps.policy().pools.map(({ channel }) => channel))];
  const key = deps.hash(`${refused.version} ${refused.problem}`).slice(0, 16);
  const results = await Promise.allSettled([
    ...channels.map((channel) =>
      once(deps, [key, refused.since, channel], () => postTo(deps, refused, key, channel)),
    ),
    once(deps, [key, refused.since, 'event'], () => recordRefusal(deps, refused, key)),
  ]);
  // A failed channel does not stop the others.
  const failed = results.find((one) => one.status === 'rejected');
  if (failed) throw failed.reason;
}

async function once(deps: ServiceDeps, of: readonly unknown[], tell: () => Promise<void>): Promise<void> {
  const key = of.join(' ');
  if (deps.told.has(key)) return;
  await tell();
  deps.told.add(key);
}

const postTo = (
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
    since: since - replicaLag,
  });

const recordRefusal = (deps: ServiceDeps, { problem }: RefusedConfig, key: string): Promise<void> =>
  deps.ledger.record({
    key: `configuration-refused.${key}`,
    type: 'Warning',
    reason: 'ConfigurationRefused',
    note: `The configuration was changed, and refused; the one before stays in force. ${withoutAddresses(problem).replaceAll(/\s+/g, ' ')}`,
    at: toTimestamp(deps.clock.now()),
  });
