import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import type { RebootStore } from '../../src/reboot/ports.ts';
import { aDecision, aNeed, aReboot, at } from '../fakes/builders.ts';
import { type ApiWorld, startApiWorld } from '../k8s/world/api.ts';
import { openContractWorld } from './harness/contract-world.ts';
import { installChart } from './harness/install-chart.ts';
import { createKubectl, type Kubectl, kubectlOrThrow } from './harness/kubectl.ts';
import { onCluster, stillControllers } from './harness/on-cluster.ts';

const needs = { controllers: stillControllers, scheduler: false };

async function fill(store: RebootStore): Promise<void> {
  await store.create(aReboot({ need: aNeed({ askedBy: [{ name: 'sentinel' }, { name: 'kernel' }] }) }));
  const other = await store.create(aReboot({ name: 'n2-77', node: { name: 'n2', uid: 'uid-n2' } }));
  if (other === 'exists') throw new Error('the cluster was not empty');
  const paused = {
    code: 'paused',
    sentence: 'Pool workers is paused by @mia.',
    clears: 'Resume it.',
  } as const;
  const waits = { at: at(0), blockers: [paused] };
  await store.save({ ...other, state: { phase: 'Approved', since: at(0), decision: aDecision(), waits } });
}

/** Ages differ from one look to the next. */
const ageless = (table: string): readonly string[] =>
  table
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/\b\d+[smhd](\d+[smh])?\b/g, 'AGE').replace(/ {2,}/g, '  '));

onCluster('kubectl get reboots', needs, (cluster) => {
  let demo: ApiWorld;
  let demoKubectl: Kubectl;
  beforeAll(async () => {
    await installChart(cluster());
    const world = await openContractWorld(cluster());
    await fill(world.connect().store);
    await world.close();
    demo = await startApiWorld({ anonymous: { name: 'admin' } });
    await fill(demo.connect().store);
    const ground = inject('ground');
    if (ground.kind === 'none') throw new Error(ground.why);
    demoKubectl = createKubectl(ground.kubectl, demo.kubeconfig);
  });
  afterAll(() => demo.close());

  const real = (args: readonly string[]): Promise<string> => kubectlOrThrow(cluster().kubectl, args);

  it('shows node, phase, what asks, packages, who decided, and age', async () => {
    expect(ageless(await real(['get', 'reboots']))).toMatchInlineSnapshot(`
      [
        "NAME  NODE  PHASE  ASKED-BY  PACKAGES  DECIDED-BY  AGE",
        "n2-77  n2  Approved  linux-image-6.8.0-49-generic  @mia  AGE",
        "worker-03-4f1c9a  worker-03  Pending  sentinel, kernel  linux-image-6.8.0-49-generic  AGE",
      ]
    `);
  });

  it('knows the short name, and shows the rest with -o wide', async () => {
    expect(ageless(await real(['get', 'rb', '-o', 'wide']))).toMatchInlineSnapshot(`
      [
        "NAME  NODE  PHASE  ASKED-BY  PACKAGES  DECIDED-BY  AGE  POOL  SINCE  KERNEL  NEXT-KERNEL  WAITS-FOR  FAILURE  BOOT",
        "n2-77  n2  Approved  linux-image-6.8.0-49-generic  @mia  AGE  workers  AGE  6.8.0-45-generic  6.8.0-49-generic  Pool workers is paused by @mia.  boot-1",
        "worker-03-4f1c9a  worker-03  Pending  sentinel, kernel  linux-image-6.8.0-49-generic  AGE  workers  AGE  6.8.0-45-generic  6.8.0-49-generic  boot-1",
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
