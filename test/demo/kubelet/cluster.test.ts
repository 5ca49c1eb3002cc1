import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { at, listAt, numberAt, textAt } from '../../../demo/kube/json.ts';
import { type KubeApi, startKubeApi } from '../../../demo/kube/kube-api.ts';
import { type Running, startControllers } from '../../../demo/controllers/controllers.ts';
import { type Kubelet, startKubelet } from '../../../demo/kubelet/kubelet.ts';
import { realTimers } from '../../../demo/world/real-timers.ts';
import { seedWorkloads } from '../../../demo/world/seed-workloads.ts';
import { fastTiming } from '../../../demo/world/timers.ts';
import { createWorld, type LiveWorld } from '../../../demo/world/world.ts';
import { type WorldNode, type WorldPod } from '../../../demo/world/view.ts';
import { mergePatch, type RawKube, rawKube, uidOf, versionOf, within } from '../kube/raw-kube.ts';

/** What seedWorkloads asks for. */
const deploymentPods = 15;
const names = ['cp-1', 'worker-1', 'worker-2', 'worker-3'];
const controlPlane = 'node-role.kubernetes.io/control-plane';

let folder: string;
let api: KubeApi;
let admin: RawKube;
let controllers: Running;
let kubelets: readonly Kubelet[];
let world: LiveWorld;
let troubles: unknown[];
let powerLog: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'world-'));
  troubles = [];
  powerLog = [];
  api = await startKubeApi({ users: new Map([['demo', { name: 'demo' }]]) });
  admin = rawKube(api.url, 'demo');
  const base = {
    url: api.url,
    token: 'demo',
    timing: fastTiming,
    timers: realTimers,
    onError: (error: unknown) => troubles.push(error),
  };
  controllers = startControllers(base);
  kubelets = await Promise.all(
    names.map((name) => {
      const isControlPlane = name.startsWith('cp-');
      const labels = isControlPlane ? { [controlPlane]: '' } : {};
      const taints = isControlPlane ? [{ key: controlPlane, effect: 'NoSchedule' }] : [];
      const hooks = {
        onPowerOff: () => void powerLog.push(`${name} off`),
        onPowerOn: () => void powerLog.push(`${name} on`),
      };
      return startKubelet({
        ...base,
        ...hooks,
        node: {
          name,
          labels,
          taints,
          osImage: 'Ubuntu 24.04 LTS',
          staticPods: isControlPlane ? ['kube-apiserver'] : [],
          directory: join(folder, name),
        },
      });
    }),
  );
  world = await createWorld({ ...base, kubelets });
  await seedWorkloads(base);
  await seen(() => podsOf(everyPod()).length === 27 && everyPod().every((pod) => pod.state === 'running'));
  await settledBudget(1);
});
afterEach(async () => {
  world.stop();
  controllers.stop();
  for (const kubelet of kubelets) kubelet.stop();
  await api.close();
  await rm(folder, { recursive: true });
});

const everyPod = (): readonly WorldPod[] => world.view().nodes.flatMap((node) => node.pods);
const podsOf = (pods: readonly WorldPod[], owner?: string): readonly string[] =>
  pods.filter((pod) => owner === undefined || pod.owner === owner).map((pod) => pod.name);
const nodeNamed = (name: string): WorldNode => {
  const found = world.view().nodes.find((node) => node.name === name);
  if (found === undefined) throw new Error(`no node ${name}`);
  return found;
};
const machineNamed = (name: string): Kubelet => {
  const found = kubelets.find((kubelet) => kubelet.name === name);
  if (found === undefined) throw new Error(`no machine ${name}`);
  return found;
};

/** Waits for the world to look a certain way: woken by its changes, never by time. */
async function seen(condition: () => boolean): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = world.subscribe(() => condition() && resolve());
  if (condition()) resolve();
  await within(promise).finally(stop);
}

const evict = (namespace: string, name: string): Promise<{ readonly status: number }> =>
  admin.send('POST', `/api/v1/namespaces/${namespace}/pods/${name}/eviction`, {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name },
  });

describe('the demo cluster', () => {
  it('runs its workloads: those of Deployments on workers, those of DaemonSets on every node', () => {
    expect(podsOf(nodeNamed('cp-1').pods, 'DaemonSet')).toHaveLength(2);
    expect(podsOf(nodeNamed('cp-1').pods, 'Deployment')).toEqual([]);
    const pods = everyPod();
    expect([podsOf(pods, 'Deployment').length, podsOf(pods, 'DaemonSet').length]).toEqual([
      deploymentPods,
      8,
    ]);
    expect([...podsOf(pods, 'StatefulSet')].sort()).toEqual(['pg-0', 'pg-1', 'pg-2']);
    expect(troubles).toEqual([]);
  });
  it('tells how many disruptions its budgets allow', async () => {
    const budget = await admin.send('GET', '/apis/policy/v1/namespaces/db/poddisruptionbudgets/pg');
    expect(
      ['expectedPods', 'desiredHealthy', 'currentHealthy', 'disruptionsAllowed'].map((key) =>
        numberAt(budget.body, 'status', key),
      ),
    ).toEqual([3, 2, 3, 1]);
  });
  it('shows a static pod again after somebody deleted its picture', async () => {
    const path = '/api/v1/namespaces/kube-system/pods/kube-apiserver-cp-1';
    const before = await admin.send('GET', path);
    expect(at(before.body, 'metadata', 'annotations', 'kubernetes.io/config.mirror')).toBe('kube-apiserver');
    const watch = await admin.watch(
      `/api/v1/pods?watch=true&resourceVersion=${versionOf(before)}&fieldSelector=metadata.name%3Dkube-apiserver-cp-1`,
    );
    await admin.send('DELETE', path);
    let event = await watch.next();
    while (event.type !== 'ADDED') event = await watch.next();
    watch.close();
    expect(textAt(event.object, 'metadata', 'uid')).not.toBe(uidOf(before));
  });
  it('moves an evicted pod to another node', async () => {
    const victim = nodeNamed('worker-1').pods.find((pod) => pod.owner === 'Deployment');
    if (victim === undefined) throw new Error('worker-1 runs no pod of a Deployment');
    await admin.send('PATCH', '/api/v1/nodes/worker-1', { spec: { unschedulable: true } }, mergePatch);
    expect((await evict(victim.namespace, victim.name)).status).toBe(201);
    await seen(
      () =>
        podsOf(everyPod(), 'Deployment').length === deploymentPods &&
        everyPod().every((pod) => pod.state === 'running' && pod.name !== victim.name),
    );
    expect(nodeNamed('worker-1').cordoned).toBe(true);
    expect(podsOf(nodeNamed('worker-1').pods)).not.toContain(victim.name);
  });
  it('refuses a second disruption of a budget until the first pod is back', async () => {
    expect((await evict('db', 'pg-0')).status).toBe(201);
    expect((await evict('db', 'pg-1')).status).toBe(429);
    await seen(() =>
      everyPod()
        .filter((pod) => pod.name === 'pg-0')
        .every((pod) => pod.state !== 'running'),
    );
    await seen(() => everyPod().some((pod) => pod.name === 'pg-0' && pod.state === 'running'));
    await settledBudget(1);
    expect((await evict('db', 'pg-1')).status).toBe(201);
  });
  it('brings a machine back from a reboot with a new boot ID and the newest kernel, its pods running again and its sentinel gone', async () => {
    const before = nodeNamed('worker-2');
    await world.aptUpgrade('worker-2');
    await seen(() => nodeNamed('worker-2').sentinel);
    powerLog.length = 0;
    await promisify(execFile)(join(folder, 'worker-2', 'bin', 'reboot'));
    await seen(() => nodeNamed('worker-2').power === 'rebooting');
    await seen(() => !nodeNamed('worker-2').ready);
    await seen(() => nodeNamed('worker-2').bootId !== before.bootId && nodeNamed('worker-2').ready);
    await seen(
      () =>
        nodeNamed('worker-2').pods.every((pod) => pod.state === 'running') &&
        nodeNamed('worker-2').power === 'on',
    );
    expect(nodeNamed('worker-2')).toMatchObject({ kernel: '6.8.0-47-generic', sentinel: false, power: 'on' });
    expect(nodeNamed('worker-2').bootId).toBe(machineNamed('worker-2').bootId());
    expect(powerLog).toEqual(['worker-2 off', 'worker-2 on']);
    expect(podsOf(nodeNamed('worker-2').pods).length).toBe(podsOf(before.pods).length);
  });
  it('can keep a machine dark until somebody presses its button', async () => {
    const machine = machineNamed('worker-3');
    const before = machine.bootId();
    machine.failNextBoot('never-back');
    await machine.reboot();
    expect([machine.power(), machine.bootId()]).toEqual(['rebooting', before]);
    await seen(() => !nodeNamed('worker-3').ready);
    await machine.pressPowerButton();
    await seen(() => nodeNamed('worker-3').ready && nodeNamed('worker-3').bootId !== before);
  });
  it('can bring a machine back with the kernel it had', async () => {
    await world.aptUpgrade('worker-3');
    machineNamed('worker-3').failNextBoot('old-kernel');
    await machineNamed('worker-3').reboot();
    await seen(() => nodeNamed('worker-3').ready);
    expect(nodeNamed('worker-3').kernel).toBe('6.8.0-45-generic');
  });
  it('can bring a machine back that asks for a reboot again', async () => {
    machineNamed('worker-3').failNextBoot('still-required');
    await machineNamed('worker-3').reboot();
    expect(nodeNamed('worker-3').sentinel).toBe(true);
  });
  it('declares a silent node unknown, and its pods not ready, when its last word was not heard', async () => {
    machineNamed('worker-1').failNextBoot('never-back');
    api.faults.add({ verb: 'patch', path: /nodes\/worker-1\/status/, do: { status: 503 }, times: 1 });
    await machineNamed('worker-1').reboot();
    await seen(
      () =>
        !nodeNamed('worker-1').ready && nodeNamed('worker-1').pods.every((pod) => pod.state !== 'running'),
    );
    const node = await admin.send('GET', '/api/v1/nodes/worker-1');
    const ready = listAt(node.body, 'status', 'conditions').find(
      (condition) => textAt(condition, 'type') === 'Ready',
    );
    expect(textAt(ready, 'status')).toBe('Unknown');
  });
  it('does not take back its last word when somebody hears it before the machine is off', async () => {
    const machine = machineNamed('worker-3');
    const own = '/api/v1/nodes/worker-3/status';
    const written = (): number =>
      api.requests().filter(({ verb, path, user }) => verb === 'patch' && path === own && user === 'demo')
        .length;
    const before = written();
    machine.failNextBoot('never-back');
    api.faults.add({ verb: 'patch', path: /nodes\/worker-3\/status/, do: { delayMs: 300 }, times: 1 });
    const down = machine.reboot();
    const conditions = [{ type: 'Ready', status: 'False' }];
    await admin.send('PATCH', own, { status: { conditions } }, 'application/strategic-merge-patch+json');
    await down;
    await seen(() => !nodeNamed('worker-3').ready);
    // The kubelet's last status, and the one above.
    expect(written() - before).toBe(2);
  });
  it('goes on where it was after the API has been away', async () => {
    await api.faults.down();
    await api.faults.up();
    expect(
      (await evict('shop', everyPod().find((pod) => pod.name.startsWith('web-'))?.name ?? '')).status,
    ).toBe(201);
    await seen(
      () =>
        podsOf(everyPod(), 'Deployment').length === deploymentPods &&
        everyPod().every((pod) => pod.state === 'running'),
    );
  });
});

/** The budget is not part of the world that is drawn: its own watch tells. */
async function settledBudget(allowed: number): Promise<void> {
  const watch = await admin.watch('/apis/policy/v1/namespaces/db/poddisruptionbudgets?watch=true');
  let event = await watch.next();
  while (numberAt(event.object, 'status', 'disruptionsAllowed') !== allowed) event = await watch.next();
  watch.close();
}
