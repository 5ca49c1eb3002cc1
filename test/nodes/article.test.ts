/**
 * The story that this project starts from, on real nodes: a worker asks for a reboot, a person says yes in
 * Slack, its pods move, the machine reboots by the signal of systemd, and comes back. Chart, image, agent and
 * bot are what a user has; nothing of them is changed for the test.
 */
import { existsSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import { listAt, textAt } from '../../src/k8s/api/json-value.ts';
import { follow, inOrder, type History } from './harness/history.ts';
import { apply } from './harness/node-cluster.ts';
import { namespace, type NodeEnvironment, type Pod } from './harness/node-environment.ts';
import { onNodes } from './harness/on-nodes.ts';
import {
  caller,
  controlPlaneRole,
  helloNode,
  quickPool,
  toleratesControlPlane,
} from './harness/workloads.ts';

const nodes = [
  { name: 'control-1', controlPlane: true },
  { name: 'worker-1', controlPlane: false },
];
const config = { cluster: 'real', approvers: 'channel', pools: [quickPool] };
const hello = 'app=hello-node';

onNodes('a reboot of a real node', { nodes, config }, (opened) => {
  let environment: NodeEnvironment;
  let before: Pod;
  let history: History;

  beforeAll(async () => {
    environment = opened();
    await apply(environment.cluster, [...helloNode('worker-1'), ...caller('control-1')]);
    const onControlPlane = {
      nodeSelector: { [controlPlaneRole]: '' },
      tolerations: [toleratesControlPlane],
    };
    await environment.helm('install', { bot: onControlPlane, redis: onControlPlane });
    await environment.atWork();
    before = await environment.podOn('worker-1', 'default', hello);
  });

  it('has found everything by names and service addresses: the bot its Redis and its API server, a pod another one', async () => {
    const secret = await environment.get(`/api/v1/namespaces/${namespace}/secrets/tugboot-redis`);
    const url = Buffer.from(textAt(secret, 'data', 'url') ?? '', 'base64').toString();
    expect(new URL(url).hostname).toMatch(/^tugboot-redis(\.|$)/);
    expect(environment.botLog().map(({ msg }) => msg)).toContain('ready');
    await environment.until('a pod is answered by hello-node', () =>
      environment.said('default', 'caller').includes(`hello from ${before.name}`),
    );
  });

  it('brings the worker from its sentinel through card, click, drain and reboot to the proof', async () => {
    const machine = environment.machine('worker-1');
    const { bootId } = machine;
    const { kernels } = environment.cluster;
    machine.upgrade([`linux-image-${kernels.new}`, 'libc6']);
    const card = await environment.card('worker-1', /asks for a reboot/);
    expect(card.text).toContain(`Kernel ${kernels.old} → ${kernels.new}`);
    history = follow(environment.slack, card);
    await environment.slack.as(environment.slack.users.mia).click({ ts: card.ts, action: 'Approve now' });
    const done = await environment.card('worker-1', /^[✓✕]/u);
    expect(done.text).toMatch(/^✓ worker-1 rebooted/u);
    expect(done.ts).toBe(card.ts);

    expect(machine.reboots).toBe(1);
    expect(machine.bootId).not.toBe(bootId);
    expect(existsSync(machine.runFile('reboot-required'))).toBe(false);
    const node = await environment.until('worker-1 is free', async () => {
      const found = await environment.get('/api/v1/nodes/worker-1');
      return (found as { spec: { unschedulable?: boolean } }).spec.unschedulable ? undefined : found;
    });
    expect(textAt(node, 'status', 'nodeInfo', 'bootID')).toBe(machine.bootId);
    expect(textAt(node, 'status', 'nodeInfo', 'kernelVersion')).toBe(kernels.new);
    const after = await environment.podOn('control-1', 'default', hello);
    expect(after.uid).not.toBe(before.uid);
    await environment.until('the moved pod answers by the same name', () =>
      environment.said('default', 'caller').includes(`hello from ${after.name}`),
    );
    const { stdout } = await environment.cluster.kubectl(['get', 'reboots', '--no-headers']);
    expect(stdout).toMatch(/^worker-1-\S+ +Succeeded +/);
  });

  it('told it in the card, in the thread and in the log, each in its order', async () => {
    const end = /takes pods again/;
    await environment.until('the thread tells the end', () => history.thread.some((text) => end.test(text)));
    // What stands between is edited faster than Slack lets it be shown.
    inOrder(history.card, [
      /asks for a reboot/,
      /approved|is draining|is rebooting|settling/,
      /^✓ worker-1 rebooted/u,
    ]);
    inOrder(history.thread, [/^Approved by <@U0MIA>/, /Back with kernel/, end]);
    const phases = environment
      .botLog()
      .filter(({ msg }) => ['reboot changed phase', 'node cordoned', 'node uncordoned'].includes(String(msg)))
      .map(({ msg, phase }) => (msg === 'reboot changed phase' ? phase : msg));
    expect(phases).toEqual([
      'Approved',
      'Draining',
      'node cordoned',
      'Rebooting',
      'Settling',
      'Succeeded',
      'node uncordoned',
    ]);
  });

  it('was carried out by the signal of systemd to the first process of that machine, and of no other', () => {
    // A machine that ends in any other way has crashed.
    const ends = nodes
      .map(({ name }) => environment.machine(name))
      .map(({ reboots, crash }) => ({ reboots, crash }));
    expect(ends).toEqual([
      { reboots: 0, crash: undefined },
      { reboots: 1, crash: undefined },
    ]);
  });

  it('left an Event at the Node for each step', async () => {
    const fieldSelector = 'involvedObject.kind=Node,involvedObject.name=worker-1';
    const events = listAt(await environment.get('/api/v1/events', { fieldSelector }), 'items').map(
      (event) => ({
        reason: textAt(event, 'reason') ?? '',
        message: textAt(event, 'message') ?? '',
      }),
    );
    expect(events.filter(({ reason }) => reason.startsWith('Reboot')).map(({ reason }) => reason)).toEqual(
      expect.arrayContaining([
        'RebootApproved',
        'RebootDraining',
        'RebootOrdered',
        'RebootSettling',
        'RebootSucceeded',
      ]),
    );
    const ordered = events.find(({ reason }) => reason === 'RebootOrdered');
    expect(ordered?.message).toMatch(/^Drained of 1 pod; ordered to end boot /);
  });

  it('was seen by the kubelet: the machine has booted anew', async () => {
    const fieldSelector = 'involvedObject.kind=Node,reason=Rebooted';
    const events = listAt(await environment.get('/api/v1/events', { fieldSelector }), 'items');
    expect(events.map((event) => textAt(event, 'involvedObject', 'name'))).toEqual(['worker-1']);
    expect(textAt(events[0], 'source', 'component')).toBe('kubelet');
  });

  it('was refused nothing: the rights of the chart are enough for the real programs', () => {
    const refused = environment.cluster.plane
      .requests()
      .filter(
        ({ user, status }) =>
          user.startsWith(`system:serviceaccount:${namespace}:`) && [401, 403].includes(status),
      );
    expect(refused).toEqual([]);
  });
});
