/**
 * Where no other node would take the bot and its Redis, the reboot is carried out all the same: they go down
 * with their node, come back with it, and finish what they began. So it is on a cluster of one node; and,
 * with nothing but the defaults of the chart, where the only other node is a control plane.
 */
import { beforeAll, expect, it } from 'vitest';
import { apply } from './harness/node-cluster.ts';
import { component, namespace, type NodeEnvironment, type Pod } from './harness/node-environment.ts';
import { onNodes } from './harness/on-nodes.ts';
import { helloNode, quickPool } from './harness/workloads.ts';

const config = { cluster: 'real', approvers: 'channel', pools: [quickPool] };
const worker = { name: 'worker-1', controlPlane: false };
const controlPlane = { name: 'control-1', controlPlane: true };
const clusters = [
  { what: 'the only node', nodes: [worker], helloEndsOn: 'worker-1' },
  { what: 'the only worker beside a control plane', nodes: [controlPlane, worker], helloEndsOn: 'control-1' },
];

for (const { what, nodes, helloEndsOn } of clusters)
  onNodes(`a reboot of ${what}`, { nodes, config }, (opened) => {
    let environment: NodeEnvironment;
    const own = async (): Promise<readonly Pod[]> => [
      await environment.podOn('worker-1', namespace, component('bot')),
      await environment.podOn('worker-1', namespace, component('redis')),
    ];
    beforeAll(async () => {
      environment = opened();
      await apply(environment.cluster, helloNode('worker-1'));
      await environment.helm('install', {});
      await environment.atWork();
      await environment.podOn('worker-1', 'default', 'app=hello-node');
    });

    it('is carried on by the bot that came back with it, and is proven', async () => {
      const before = await own();
      const machine = environment.machine('worker-1');
      machine.upgrade(['libc6', 'systemd']);
      const card = await environment.card('worker-1', /asks for a reboot/);
      await environment.slack.as(environment.slack.users.mia).click({ ts: card.ts, action: 'Approve now' });
      const done = await environment.card('worker-1', /^[✓✕]/u);
      expect(done.text).toMatch(/^✓ worker-1 rebooted/u);
      expect(done.text).toContain('1 pod moved');
      expect(machine.reboots).toBe(1);
      const after = await own();
      expect(after.map(({ uid }) => uid)).toEqual(before.map(({ uid }) => uid));
      for (const [index, { restarts }] of after.entries())
        expect(restarts).toBeGreaterThan(before[index]?.restarts ?? 0);
    });

    it('has evicted nothing of its own, and the pod that it did evict runs again', async () => {
      expect(environment.evicted()).toEqual([expect.stringMatching(/^hello-node-/)]);
      await environment.podOn(helloEndsOn, 'default', 'app=hello-node');
    });
  });
