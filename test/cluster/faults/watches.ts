import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeKubeconfig } from '../../../demo/environment/programs.ts';
import { connectKube } from '../../../src/k8s/kube.ts';
import type { DrainEvent } from '../../../src/reboot/ports/cluster/drains.ts';
import { minute } from '../../../src/reboot/time/time.ts';
import { aDrainPolicy } from '../../fakes/builders.ts';
import { silentLogger } from '../../fakes/silent-logger.ts';
import { fastTime } from '../../k8s/world/fast-time.ts';
import {
  budget,
  heldDrain,
  nodeOf,
  ordersGiven,
  type Story,
  type StoryEnvironment,
} from '../../stories/story-environment.ts';
import { kubeconfigText } from '../harness/credentials.ts';
import { bot, installation } from '../harness/install-chart.ts';
import { startHttpProxy } from '../harness/http-proxy.ts';
import type { RealEnvironment } from '../harness/real-environment.ts';
import { startTcpProxy, type TcpProxy } from '../harness/tcp-proxy.ts';
import { type ListeningDoor, openListeningDoor } from './listening-door.ts';

type DemoEnvironment = StoryEnvironment<RealEnvironment>;

/** A way to the API server for the bot alone. */
async function openDoor(
  environment: DemoEnvironment,
): Promise<{ readonly door: TcpProxy; readonly kubeconfig: string }> {
  const door = await startTcpProxy(Number(new URL(environment.cluster.url).port));
  environment.supervisor.onEnd(() => door.close());
  const kubeconfig = join(environment.directory, `tcp-door-${door.port}.kubeconfig`);
  const address = { url: `https://127.0.0.1:${door.port}`, ca: environment.cluster.ca };
  writeFileSync(kubeconfig, kubeconfigText(address, await environment.cluster.tokenOf(bot)));
  return { door, kubeconfig };
}

/** The same in plain HTTP, so that what the API server says to the bot is seen as well. */
async function openDoorThatListens(
  environment: DemoEnvironment,
): Promise<{ readonly door: TcpProxy; readonly kubeconfig: string; readonly ear: ListeningDoor }> {
  const plain = await startHttpProxy(environment.cluster);
  const ear = await openListeningDoor(Number(new URL(plain.url).port));
  const door = await startTcpProxy(ear.port);
  for (const each of [plain, ear, door]) environment.supervisor.onEnd(() => each.close());
  const kubeconfig = join(environment.directory, `listening-door-${door.port}.kubeconfig`);
  writeKubeconfig(kubeconfig, `http://127.0.0.1:${door.port}`, await environment.cluster.tokenOf(bot));
  return { door, kubeconfig, ear };
}

/** Watches whose position is forgotten, and watches that go silent. */
export function watchFaults(story: Story<RealEnvironment>): void {
  describe('a watch', () => {
    it(
      'whose position is gone in mid-drain (410): the drain lists again and goes on, once',
      story({ bots: 0, patience: 120_000 }, async (environment) => {
        const { door, kubeconfig, ear } = await openDoorThatListens(environment);
        await environment.connected(() => environment.startBot({ kubeconfig }));
        const { node } = await heldDrain(environment);
        door.shut();
        await budget(environment, 1);
        // History goes from etcd by compaction, and from the API server's cache by a restart.
        await environment.plane.compact();
        await environment.plane.stopApiServer();
        await environment.plane.startApiServer();
        await environment.plane.restartControllers();
        expect(ear.expired()).toEqual([]);
        const since = Date.now();
        door.open();
        await environment.card(node, /^✓/u);
        await environment.isFree(node);
        expect(await ordersGiven(environment, node)).toBe(1);
        const evictions = environment.evictions();
        expect(new Set(evictions).size).toBe(evictions.length);
        const collections = ['/api/v1/nodes', '/api/v1/pods'];
        // A drain that asked while nobody answered has ended, and begins anew with a list: then only the
        // other watches expire.
        expect(ear.expired()).toContain('/api/v1/nodes');
        const listed = environment.plane
          .requests()
          .filter(({ at, user, verb }) => at >= since && user.endsWith(':tugboot-bot') && verb === 'list')
          .map(({ uri }) => uri.split('?')[0]);
        expect(listed).toEqual(expect.arrayContaining(collections));
      }),
    );

    it(
      'that goes silent without an end is noticed by its silence: nothing stays unseen, and a drain comes to its end',
      story({ bots: 0 }, async (environment) => {
        const { door, kubeconfig } = await openDoor(environment);
        // Silence is long: a minute and more. Ten times as fast, the same happens in seconds.
        const time = fastTime(10);
        const random = (): number => 0.5;
        const kube = connectKube({
          ...time,
          kubeconfig,
          namespace: installation,
          random,
          logger: silentLogger,
        });
        const over = new AbortController();
        await kube.start(() => undefined, over.signal);
        await budget(environment, 3);
        const name = nodeOf(environment, 'db/pg-0');
        const { node } = await kube.cluster.observe(name);
        if (node === undefined) throw new Error(`${name} is not there`);
        const target = { node: name, uid: node.uid, bootId: node.bootId };
        await kube.cluster.cordon(target, 'test');
        const now = time.clock.now();
        const request = {
          target,
          policy: aDrainPolicy(),
          startedAt: now,
          deadline: now + 30 * minute,
          last: [],
          force: false,
        };
        const events: DrainEvent[] = [];
        const drained = (async () => {
          for await (const event of kube.cluster.drain(request, over.signal)) events.push(event);
        })();
        const isHeld = (): boolean =>
          events.some((event) => event.kind === 'progress' && event.progress.waiting.length > 0);
        await environment.eventually('the drain waits for the budget', isHeld);

        door.freeze();
        await environment.kube('PATCH', '/api/v1/nodes/worker-1', { metadata: { labels: { seen: 'yes' } } });
        await budget(environment, 1);
        const isSeen = (): boolean =>
          kube.cluster.nodes().some((each) => each.name === 'worker-1' && each.labels['seen'] === 'yes');
        await environment.eventually('the watch shows what has changed', isSeen);
        await drained;
        expect(events.at(-1)).toMatchObject({ kind: 'drained' });
        over.abort();
        await kube.stop();
      }),
    );
  });
}
