/**
 * The bot itself, and the Redis of its queues, are on the node that they reboot, and move with everything
 * else.
 */
import { beforeAll, expect, it } from 'vitest';
import { follow, inOrder } from './harness/history.ts';
import { apply } from './harness/node-cluster.ts';
import { component, namespace, type NodeHouse, type Pod } from './harness/node-house.ts';
import { onNodes } from './harness/on-nodes.ts';
import { helloNode, prefers, quickPool, toleratesControlPlane } from './harness/workloads.ts';

const nodes = [
  { name: 'control-1', controlPlane: true },
  { name: 'worker-1', controlPlane: false },
];
const config = { cluster: 'real', approvers: 'channel', pools: [quickPool] };

onNodes('a reboot of the node with the bot and its Redis', { nodes, config }, (opened) => {
  let house: NodeHouse;
  const all = async (on: string): Promise<Record<'bot' | 'redis' | 'hello', Pod>> => ({
    bot: await house.podOn(on, namespace, component('bot')),
    redis: await house.podOn(on, namespace, component('redis')),
    hello: await house.podOn(on, 'default', 'app=hello-node'),
  });

  beforeAll(async () => {
    house = opened();
    await apply(house.cluster, helloNode('worker-1'));
    const place = { affinity: prefers('worker-1'), tolerations: [toleratesControlPlane] };
    await house.helm('install', { bot: place, redis: place });
    await house.atWork();
  });

  it('goes on with the replacement of the bot, without its queues, and is proven', async () => {
    const before = await all('worker-1');
    const machine = house.machine('worker-1');
    machine.upgrade(['libc6', 'systemd']);
    const card = await house.card('worker-1', /asks for a reboot/);
    const history = follow(house.slack, card);
    await house.slack.as(house.slack.users.mia).click({ ts: card.ts, action: 'Approve now' });
    const done = await house.card('worker-1', /^[✓✕]/u);
    expect(done.text).toMatch(/^✓ worker-1 rebooted/u);
    expect(done.ts).toBe(card.ts);
    expect(machine.reboots).toBe(1);

    const after = await all('control-1');
    expect(after.bot.uid).not.toBe(before.bot.uid);
    expect(after.redis.uid).not.toBe(before.redis.uid);
    expect(after.hello.uid).not.toBe(before.hello.uid);
    const end = /takes pods again/;
    await house.until('the thread tells the end', () => history.thread.some((text) => end.test(text)));
    inOrder(history.thread, [/^Approved by <@U0MIA>/, /Back with kernel/, end]);
    const cards = house.slack.messages().filter(({ byApp, threadTs }) => byApp && threadTs === undefined);
    expect(cards.map(({ ts }) => ts)).toEqual([card.ts]);
    const { stdout } = await house.cluster.kubectl(['get', 'reboots', '--no-headers']);
    expect(stdout).toMatch(/^worker-1-\S+ +Succeeded +[^\n]*\n$/);
  });

  it('asked for its own pods last', () => {
    const [first, ...rest] = house.evicted();
    expect(first).toMatch(/^hello-node-/);
    expect(rest.toSorted()).toEqual([expect.stringMatching(/^tugboot-bot-/), 'tugboot-redis-0']);
  });
});
