import type { GatesPolicy, WebhookGate } from '../reboot/policy/pool-gates.ts';
import { parseDuration } from '../reboot/time/duration.ts';
import { accessOf, webhookOf } from './http-access.ts';
import type { PoolFile } from './schema/schema.ts';

type GatesFile = PoolFile['gates'];

/** Converts a pool's `gates` to the domain's type. */
export function gatesOf({
  blockingPods,
  podAnnotations,
  healthyPods,
  waitForJobs,
  waitForPackageManager,
  prometheus,
  webhook,
}: GatesFile): GatesPolicy {
  return {
    blockingPods,
    podAnnotations,
    healthyPods: healthyPods.map(({ selector, namespace, mostNotReady }) => ({
      selector,
      ...(namespace === undefined ? {} : { namespace }),
      mostNotReady,
    })),
    waitForJobs: parseDuration(waitForJobs) ?? 0,
    waitForPackageManager: parseDuration(waitForPackageManager) ?? 0,
    prometheus: prometheus.map((gate) => ({
      name: gate.name,
      access: accessOf(gate),
      ...(gate.alerts === undefined ? {} : { alerts: chosen(gate.alerts) }),
      queries: gate.queries,
      ...(gate.alertmanager === undefined ? {} : { alertmanager: accessOf(gate.alertmanager) }),
    })),
    ...(webhook === undefined ? {} : { webhook: webhookGateOf(webhook) }),
  };
}

export const webhookGateOf = (webhook: NonNullable<GatesFile['webhook']>): WebhookGate => ({
  ...webhookOf(webhook),
  timeout: parseDuration(webhook.timeout) ?? 0,
});

const chosen = ({ include, exclude, pending }: NonNullable<GatesFile['prometheus'][number]['alerts']>) => ({
  ...(include === undefined ? {} : { include }),
  ...(exclude === undefined ? {} : { exclude }),
  pending,
});

/** Converts a pool's `rollout` to the domain's type. */
export const rolloutPolicyOf = ({ canary, bake, batches }: NonNullable<PoolFile['rollout']>) => ({
  canary,
  bake: parseDuration(bake) ?? 0,
  batches: batches.map((share) => Number.parseInt(share, 10)),
});
