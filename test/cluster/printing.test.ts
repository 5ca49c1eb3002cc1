import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { minute } from '../../src/reboot/time/time.ts';
import type { Kube } from '../../src/k8s/kube.ts';
import { aDecision, aNeed, aReboot, at } from '../fakes/builders.ts';
import { cleanedUp, failed, owed, rebooting, stored } from '../fakes/states.ts';
import { type ApiWorld, startApiWorld } from '../k8s/world/api.ts';
import { handOf } from '../k8s/world/hand.ts';
import { type ContractWorld, openContractWorld } from './harness/contract-world.ts';
import { installChart } from './harness/install-chart.ts';
import { createKubectl, type Kubectl, kubectlOrThrow } from './harness/kubectl.ts';
import { onCluster, passiveControllers } from './harness/on-cluster.ts';

const needs = { controllers: passiveControllers, scheduler: false, notOnGiven: 'it makes nodes' };

async function fill({ store, cluster }: Pick<Kube, 'store' | 'cluster'>): Promise<void> {
  await store.create(aReboot({ need: aNeed({ askedBy: [{ name: 'sentinel' }, { name: 'kernel' }] }) }));
  const other = await store.create(aReboot({ name: 'n2-77', node: { name: 'n2', uid: 'uid-n2' } }));
  if (other === 'exists') throw new Error('the cluster was not empty');
  const paused = {
    code: 'paused',
    sentence: 'Pool workers is paused by @mia.',
    clears: 'Resume it.',
  } as const;
  await store.save({
    ...other,
    state: { phase: 'Approved', since: at(0), decision: aDecision(), blockers: stored([paused], 'plan') },
  });
  const sentence = 'Told to reboot at 14:07; nothing heard since, limit 10 min.';
  const state = failed({ code: 'did-not-come-back', sentence, from: rebooting() });
  const node = { name: 'worker-1000123', uid: 'uid-3' };
  await store.create(aReboot({ name: 'worker-1000123-0123456789', node, state }));
  await cluster.record({
    node: 'n2',
    nodeUid: 'uid-n2',
    reboot: { name: other.name, uid: other.uid ?? '' },
    key: 'draining',
    type: 'Normal',
    reason: 'RebootDraining',
    note: 'Cordoned and draining for a reboot.',
    at: at(0),
  });
}

/** Ages differ between two reads. */
const ageless = (table: string): readonly string[] =>
  table
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/\b\d+[smhd](\d+[smh])?\b/g, 'AGE').replace(/ {2,}/g, '  '));

onCluster('kubectl get reboots', needs, (cluster) => {
  let demo: ApiWorld;
  let world: ContractWorld;
  let demoKubectl: Kubectl;
  beforeAll(async () => {
    await installChart(cluster());
    world = await openContractWorld(cluster());
    await handOf(cluster().admin).addNode('n2');
    await fill(world.connect());
    demo = await startApiWorld({ anonymous: { name: 'admin' } });
    await handOf(demo.admin).addNode('n2');
    await fill(demo.connect());
    const ground = inject('ground');
    if (ground.kind === 'none') throw new Error(ground.why);
    demoKubectl = createKubectl(ground.kubectl, demo.kubeconfig);
  });
  afterAll(async () => {
    await world.close();
    await demo.close();
  });

  const kube = (): Kube => world.connect();

  const real = (args: readonly string[]): Promise<string> => kubectlOrThrow(cluster().kubectl, args);

  it('shows the phase, since when, and the reason, within 100 columns', async () => {
    const table = await real(['get', 'reboots']);
    expect(ageless(table)).toMatchInlineSnapshot(`
      [
        "NAME  PHASE  SINCE  AGE  REASON",
        "n2-77  Approved  AGE  AGE  Pool workers is paused by @mia.",
        "worker-03-4f1c9a  Pending  AGE  AGE  needs a decision",
        "worker-1000123-0123456789  Failed  AGE  AGE  did-not-come-back: Told to reboot at 14:07;…",
      ]
    `);
    expect(Math.max(...table.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  });

  it.each(['reboot', 'node'])('describes a %s with what was told of it', async (kind) => {
    const [here, there] = await Promise.all(
      [demoKubectl, cluster().kubectl].map((kubectl) =>
        kubectlOrThrow(kubectl, ['describe', kind, kind === 'node' ? 'n2' : 'n2-77']),
      ),
    );
    const told = /Events:[^]*Normal\s+RebootDraining\s.*tugboot\s+Cordoned and draining/;
    expect(there).toMatch(told);
    expect(here).toMatch(told);
  });

  it.each(['reboot.spec', 'reboot.status.drain', 'nodeagent.status.order'])('explains %s', async (what) => {
    const text = await real(['explain', what]);
    const fields = text.slice(text.indexOf('FIELDS:')).match(/^ {2}\S.*\n {4}\S/gm) ?? [];
    // Each field is followed by what it means.
    expect(fields.length).toBeGreaterThan(3);
    expect(fields).toHaveLength((text.match(/^ {2}\w+\t</gm) ?? []).length);
  });

  it('knows the short name, and shows the rest with -o wide', async () => {
    expect(ageless(await real(['get', 'rb', '-o', 'wide']))).toMatchInlineSnapshot(`
      [
        "NAME  PHASE  SINCE  AGE  REASON  NODE  POOL  ASKED-BY  PACKAGES  DECIDED-BY  KERNEL  NEXT-KERNEL  WAITS-FOR  FAILURE  BOOT",
        "n2-77  Approved  AGE  AGE  Pool workers is paused by @mia.  n2  workers  linux-image-6.8.0-49-generic  @mia  6.8.0-45-generic  6.8.0-49-generic  Pool workers is paused by @mia.  boot-1",
        "worker-03-4f1c9a  Pending  AGE  AGE  needs a decision  worker-03  workers  sentinel, kernel  linux-image-6.8.0-49-generic  6.8.0-45-generic  6.8.0-49-generic  boot-1",
        "worker-1000123-0123456789  Failed  AGE  AGE  did-not-come-back: Told to reboot at 14:07;…  worker-1000123  workers  linux-image-6.8.0-49-generic  @mia  6.8.0-45-generic  6.8.0-49-generic  did-not-come-back  boot-1",
      ]
    `);
  });

  it.each([
    ['a list', ['get', 'reboots']],
    ['a wide list', ['get', 'rb', '-o', 'wide']],
    ['one by its name', ['get', 'reboot', 'n2-77']],
    ['names', ['get', 'rb', '-o', 'name']],
  ])('prints %s as the demo does', async (_what, args) => {
    expect(ageless(await kubectlOrThrow(demoKubectl, args))).toEqual(ageless(await real(args)));
  });

  it('says the same as the demo of one that is not there', async () => {
    const [there, here] = [
      await cluster().kubectl(['get', 'rb', 'none']),
      await demoKubectl(['get', 'rb', 'none']),
    ];
    expect([here.code, here.stderr]).toEqual([there.code, there.stderr]);
    expect(there.code).toBe(1);
  });

  it('ends kubectl wait --for=condition=Completed with the clean-up of a reboot that succeeded', async () => {
    const { store } = kube();
    const succeeded = {
      phase: 'Succeeded',
      since: at(9 * minute),
      decision: aDecision(),
      cordon: 'us',
      newBootId: 'boot-2',
      kernel: '6.8.0-49-generic',
      pods: 14,
      took: { drain: minute, boot: minute, settle: minute, total: 3 * minute },
    } as const;
    const node = { name: 'n5', uid: 'uid-n5' };
    const made = await store.create(aReboot({ name: 'n5-1', node, state: succeeded, ...owed }));
    if (made === 'exists') throw new Error('the cluster was not empty');
    const proven = ['wait', 'reboot/n5-1', '--for=condition=Proven', '--timeout=60s'];
    expect(await real(proven)).toContain('condition met');
    const now = ['wait', 'reboot/n5-1', '--for=condition=Completed', '--timeout=0s'];
    expect((await cluster().kubectl(now)).code).toBe(1);
    const completed = real(['wait', 'reboot/n5-1', '--for=condition=Completed', '--timeout=60s']);
    await store.save({ ...made, ...cleanedUp });
    expect(await completed).toContain('condition met');
    await store.remove('n5-1');
  });

  it('shows of an agent which signals ask, and with -o wide what the sentinel says', async () => {
    const status = {
      required: 'no',
      packages: [{ name: 'kernel-core' }],
      packagesLeftOut: 0,
      kernel: { running: '5.14.0-427.el9.x86_64', newest: '5.14.0-503.el9.x86_64' },
      bootId: 'boot-1',
      agent: '0.1.0',
      signals: [
        { name: 'sentinel', required: 'no' },
        { name: 'kernel', required: 'yes', reason: 'newer' },
        { name: 'dnf', required: 'yes', packages: [{ name: 'kernel-core' }] },
      ],
      asking: 'kernel, dnf',
    };
    const body = JSON.stringify({
      apiVersion: 'tugboot.dev/v1alpha1',
      kind: 'NodeAgent',
      metadata: { name: 'n1' },
      spec: {},
    });
    const tables = [];
    for (const kubectl of [cluster().kubectl, demoKubectl]) {
      await kubectlOrThrow(kubectl, ['create', '--validate=false', '-f', '-'], body);
      const patch = JSON.stringify({ status });
      const written = ['patch', 'nodeagent', 'n1', '--subresource=status', '--type=merge', '-p', patch];
      await kubectlOrThrow(kubectl, written);
      tables.push(ageless(await kubectlOrThrow(kubectl, ['get', 'nodeagents', '-o', 'wide'])));
    }
    expect(tables[0]).toMatchInlineSnapshot(`
      [
        "NAME  NODE  ASKED-BY  KERNEL  PACKAGES  AGE  SENTINEL  NEXT-KERNEL  BOOTED  ORDER  ANSWER  AGENT",
        "n1  n1  kernel, dnf  5.14.0-427.el9.x86_64  kernel-core  AGE  no  5.14.0-503.el9.x86_64  0.1.0",
      ]
    `);
    expect(tables[1]).toEqual(tables[0]);
  });
});
