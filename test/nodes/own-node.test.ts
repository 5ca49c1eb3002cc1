/**
 * The bot itself, and the Redis of its queues, are on the node that they reboot, and move with everything
 * else.
 */
import { beforeAll, expect, it } from 'vitest';
import { follow, inOrder } from './harness/history.ts';
import { apply } from './harness/node-cluster.ts';
import { component, namespace, type NodeEnvironment, type Pod } from './harness/node-environment.ts';
import { onNodes } from './harness/on-nodes.ts';
import { helloNode, prefers, quickPool, toleratesControlPlane } from './harness/workloads.ts';

const nodes = [
  { name: 'control-1', controlPlane: true },
  { name: 'worker-1', controlPlane: false },
];
const config = { cluster: 'real', approvers: 'channel', pools: [quickPool] };

onNodes('a reboot of the node with the bot and its Redis', { nodes, config }, (opened) => {
  let environment: NodeEnvironment;
  const all = async (on: string): Promise<Record<'bot' | 'redis' | 'hello', Pod>> => ({
    bot: await environment.podOn(on, namespace, component('bot')),
    redis: await environment.podOn(on, namespace, component('redis')),
    hello: await environment.podOn(on, 'default', 'app=hello-node'),
  });

  beforeAll(async () => {
    environment = opened();
    await apply(environment.cluster, helloNode('worker-1'));
    const place = { affinity: prefers('worker-1'), tolerations: [toleratesControlPlane] };
    await environment.helm('install', { bot: place, redis: place });
    await environment.atWork();
  });

  it('goes on with the replacement of the bot, without its queues, and is proven', async () => {
    const before = await all('worker-1');
    const machine = environment.machine('worker-1');
    machine.upgrade(['libc6', 'systemd']);
    const card = await environment.card('worker-1', /asks for a reboot/);
    const history = follow(environment.slack, card);
    await environment.slack.as(environment.slack.users.mia).click({ ts: card.ts, action: 'Approve now' });
    const done = await environment.card('worker-1', /^[✓✕]/u);
    expect(done.text).toMatch(/^✓ worker-1 rebooted/u);
    expect(done.ts).toBe(card.ts);
    expect(machine.reboots).toBe(1);

    const after = await all('control-1');
    expect(after.bot.uid).not.toBe(before.bot.uid);
    expect(after.redis.uid).not.toBe(before.redis.uid);
    expect(after.hello.uid).not.toBe(before.hello.uid);
    const end = /takes pods again/;
    await environment.until('the thread tells the end', () => history.thread.some((text) => end.test(text)));
    inOrder(history.thread, [/^Approved by <@U0MIA>/, /Back with kernel/, end]);
    const cards = environment.slack
      .messages()
      .filter(({ byApp, threadTs }) => byApp && threadTs === undefined);
    expect(cards.map(({ ts }) => ts)).toEqual([card.ts]);
    const { stdout } = await environment.cluster.kubectl(['get', 'reboots', '--no-headers']);
    expect(stdout).toMatch(/^worker-1-\S+ +Succeeded +[^\n]*\n$/);
  });

  it('asked for its own pods last', () => {
    const [first, ...rest] = environment.evicted();
    expect(first).toMatch(/^hello-node-/);
    expect(rest.toSorted()).toEqual([expect.stringMatching(/^tugboot-bot-/), 'tugboot-redis-0']);
  });
});
