/** The policy of a seed's story: the limits of its pool and its hooks. */
import { noHooks } from '../../../src/reboot/deadlines/hook-waits.ts';
import type { HooksPolicy, WebhookHook } from '../../../src/reboot/policy/pool-hooks.ts';
import type { Policy, PoolPolicy } from '../../../src/reboot/policy/policy.ts';
import { minute, second } from '../../../src/reboot/time/time.ts';
import { aDrainPolicy, aPolicy, aPool } from '../builders.ts';

/**
 * The labels and annotations for other tools: none in every fifth story, and without delays in two more. Half
 * of the stories have webhooks.
 */
export const hooksOf = (seed: number): HooksPolicy => ({
  ...(seed % 5 === 0 ? noHooks : seed % 5 < 3 ? { ...hooks, drainDelay: 0, rebootDelay: 0 } : hooks),
  ...(seed % 8 < 4
    ? { before: webhook(seed % 8 === 0 || seed % 8 === 2), after: webhook(seed % 8 === 1 || seed % 8 === 2) }
    : {}),
});
const webhook = (isSkippable: boolean): WebhookHook => ({
  access: { url: 'https://hooks.example.com', headers: {} },
  timeout: 40 * second,
  onFailure: isSkippable ? 'continue' : 'fail',
});
const hooks: HooksPolicy = {
  labels: { before: { maintenance: 'true', team: 'ours' }, after: { maintenance: 'done' } },
  annotations: { before: { hold: 'ours' }, after: {} },
  preferNoSchedule: true,
  annotateState: true,
  drainConditions: true,
  excludeFromLoadBalancers: true,
  drainDelay: 2 * second,
  rebootDelay: 2 * second,
};

export const stagesFor = (seed: number): Pick<PoolPolicy, 'rollout'> =>
  seed % 7 < 2 ? { rollout: { canary: 1, bake: minute, batches: [50, 100] } } : {};

/** In two of three stories two nodes that ask do so in a digest. */
export const digestFor = (seed: number): Pick<PoolPolicy, 'digestFrom'> => ({
  digestFrom: seed % 3 === 0 ? 0 : 1,
});

/** How many of the three nodes may be out: often fewer than are cordoned by people and by us. */
export const roomFor = (seed: number): number => (seed % 5 === 1 ? 1 : seed % 5 === 2 ? 2 : 3);

interface Limits {
  /** Of the pool, and of the cluster, which in some stories is larger. */
  readonly concurrency: number;
  readonly cluster: number;
  readonly room: number;
}

export const policyOf = (
  { concurrency, cluster, room }: Limits,
  hooks: HooksPolicy,
  stages: Pick<PoolPolicy, 'rollout' | 'digestFrom'>,
): Policy =>
  aPolicy({
    concurrency: cluster,
    history: { keep: 1, maxAge: 5 * minute },
    pools: [
      aPool({
        concurrency,
        maxUnavailable: { count: room },
        rebootTimeout: 2 * minute,
        settleTime: 10 * second,
        settleTimeout: 2 * minute,
        giveUpTurnAfter: 5 * second,
        drain: aDrainPolicy({ timeout: minute, retryAfter: [20 * second, 40 * second] }),
        hooks,
        ...stages,
      }),
    ],
  });
