import type { Clock, Millis } from '../../reboot/time/time.ts';
import type { Sleep } from '../../timing/sleep.ts';
import { bodyOrThrow, type KubeClient } from '../api/client.ts';
import { at } from '../api/json-value.ts';
import { objectNameOf } from '../api/object-names.ts';
import { listAll } from '../api/pages.ts';
import { paths } from '../api/paths.ts';
import { pollInterval } from './poll-interval.ts';

interface Deps {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly namespace: string;
  readonly bot?: string;
  readonly wait: Millis;
  readonly tell: (line: string) => void;
}

/** Scales the bot to zero and waits until its pods are gone. Returns why it still runs. */
export async function stopBot(deps: Deps): Promise<string | undefined> {
  const { client, clock, sleep, namespace, bot, wait, tell } = deps;
  if (bot === undefined) return undefined;
  const path = paths.deployment(namespace, bot);
  const found = await client.send({ method: 'GET', path });
  if (!found.ok && found.status.code === 404) {
    tell(`There is no Deployment ${namespace}/${bot}: no bot to stop.`);
    return undefined;
  }
  const deployment = bodyOrThrow(found, `reading Deployment ${namespace}/${bot}`);
  const scaled = await client.send({
    method: 'PATCH',
    path: `${path}/scale`,
    patch: 'merge',
    body: { spec: { replicas: 0 } },
  });
  bodyOrThrow(scaled, `scaling Deployment ${namespace}/${bot}`);
  const query = { labelSelector: selectorOf(deployment) };
  const deadline = clock.now() + wait;
  for (;;) {
    const { items } = await listAll(client, { path: paths.podsIn(namespace), query }, (pod) =>
      ['Succeeded', 'Failed'].includes(String(at(pod, 'status', 'phase'))) ? undefined : objectNameOf(pod),
    );
    if (items.length === 0) {
      tell('The bot is stopped.');
      return undefined;
    }
    if (clock.now() >= deadline)
      return `The bot still runs, or its node does not say that it has ended: ${items.join(', ')}. Nothing was changed. Delete the pods, and run this again.`;
    await sleep(pollInterval);
  }
}

const selectorOf = (deployment: unknown): string =>
  Object.entries((at(deployment, 'spec', 'selector', 'matchLabels') ?? {}) as Record<string, string>)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
