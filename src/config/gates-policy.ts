import type { GatesPolicy, HttpAccess } from '../reboot/policy.ts';
import { parseDuration } from '../reboot/duration.ts';
import type { PoolFile } from './schema.ts';

type GatesFile = PoolFile['gates'];
type AccessFile = NonNullable<GatesFile['webhook']>;

const access = ({
  url,
  headers,
  caFile,
  bearerTokenFile,
  basic,
}: Omit<AccessFile, 'timeout'>): HttpAccess => ({
  url,
  headers,
  ...(caFile === undefined ? {} : { caFile }),
  ...(bearerTokenFile === undefined
    ? basic === undefined
      ? {}
      : { auth: { kind: 'basic', ...basic } }
    : { auth: { kind: 'bearer', tokenFile: bearerTokenFile } }),
});

/** The gates of a pool, as the core wants them. */
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
      access: access(gate),
      ...(gate.alerts === undefined ? {} : { alerts: chosen(gate.alerts) }),
      queries: gate.queries,
      ...(gate.alertmanager === undefined ? {} : { alertmanager: access(gate.alertmanager) }),
    })),
    ...(webhook === undefined
      ? {}
      : {
          webhook: {
            access: access(webhook),
            ...(webhook.secretFile === undefined ? {} : { secretFile: webhook.secretFile }),
            timeout: parseDuration(webhook.timeout) ?? 0,
          },
        }),
  };
}

const chosen = ({ include, exclude, pending }: NonNullable<GatesFile['prometheus'][number]['alerts']>) => ({
  ...(include === undefined ? {} : { include }),
  ...(exclude === undefined ? {} : { exclude }),
  pending,
});

/** The stages of a pool, as the core wants them. */
export const rolloutOf = ({ canary, bake, batches }: NonNullable<PoolFile['rollout']>) => ({
  canary,
  bake: parseDuration(bake) ?? 0,
  batches: batches.map((share) => Number.parseInt(share, 10)),
});
