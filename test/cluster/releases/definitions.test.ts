/**
 * The custom resource definitions through the life of a release. Those of 0.1.0 lay in crds/ of the chart:
 * helm installs such definitions once, and no release owns them.
 */
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { chart } from '../../charts/render-chart.ts';
import { createHelm, type ClusterHelm } from '../harness/helm.ts';
import { kubectlOrThrow } from '../harness/kubectl.ts';
import { onCluster, passiveControllers } from '../harness/on-cluster.ts';
import type { TestCluster } from '../harness/test-cluster.ts';
import { type EarlierChart, earlierChart, lackOfEarlierChart } from './earlier-chart.ts';

const needs = {
  controllers: passiveControllers,
  scheduler: false,
  notOnGiven: 'it installs and removes Tugboot',
};
const definitions = ['crd/nodeagents.tugboot.dev', 'crd/reboots.tugboot.dev'];
const values = ['--namespace', 'ops', '--set', 'slack.existingSecret=slack'];
const record = {
  apiVersion: 'tugboot.dev/v1alpha1',
  kind: 'Reboot',
  metadata: { name: 'n1-0123456789' },
  spec: { node: 'n1', nodeUID: 'uid-1', bootID: 'boot-1', pool: 'default' },
};

/** How people take over the definitions of 0.1.0: once, with one or the other. */
const ways = {
  async 'by --take-ownership'({ helm }: Site) {
    await helm.done('upgrade', 'tugboot', chart, ...values, '--take-ownership');
  },
  async 'by label and annotations'({ helm, cluster }: Site) {
    const release = ['meta.helm.sh/release-name=tugboot', 'meta.helm.sh/release-namespace=ops'];
    await kubectlOrThrow(cluster.kubectl, [
      'label',
      ...definitions,
      'app.kubernetes.io/managed-by=Helm',
      '--overwrite',
    ]);
    await kubectlOrThrow(cluster.kubectl, ['annotate', ...definitions, ...release, '--overwrite']);
    await helm.done('upgrade', 'tugboot', chart, ...values);
  },
};

interface Site {
  readonly helm: ClusterHelm;
  readonly cluster: TestCluster;
}

onCluster('the custom resource definitions', needs, (cluster) => {
  const kubectl = (...args: readonly string[]): Promise<string> => kubectlOrThrow(cluster().kubectl, args);
  const owner = async (name: string): Promise<string> =>
    kubectl('get', name, '--output', 'jsonpath={.metadata.annotations.meta\\.helm\\.sh/release-name}');
  /** A field that 0.1.0 did not have. */
  const isOfThisVersion = async (): Promise<boolean> =>
    (await kubectl('get', 'crd/reboots.tugboot.dev', '--output', 'json')).includes('"cleanup"');
  /** As the bot: an admission policy allows nobody else. */
  const makeRecord = (): Promise<string> =>
    kubectlOrThrow(
      cluster().kubectl,
      ['create', '--as', 'system:serviceaccount:ops:tugboot-bot', '--filename', '-'],
      JSON.stringify(record),
    );
  const records = (): Promise<string> => kubectl('get', 'reboots', '--output', 'name');

  beforeAll(() => kubectl('create', 'namespace', 'ops'));

  describe.each(['helm', 'helm3'] as const)('with %s', (version) => {
    let helm: ClusterHelm;
    beforeAll(() => {
      const ground = inject('ground');
      if (ground.kind === 'none') throw new Error(ground.why);
      helm = createHelm(ground[version], cluster().kubeconfig);
    });
    afterEach(async () => {
      await helm.run('uninstall', 'tugboot', '--namespace', 'ops', '--no-hooks');
      await kubectl('delete', '--ignore-not-found', ...definitions);
    });
    afterAll(() => helm.close());

    it('are of the release that installs them, and stay with the history when it is uninstalled', async () => {
      await helm.done('install', 'tugboot', chart, ...values);
      for (const name of definitions) expect(await owner(name)).toBe('tugboot');
      await kubectl('wait', '--for=condition=Established', ...definitions);
      await makeRecord();
      await helm.done('uninstall', 'tugboot', '--namespace', 'ops', '--no-hooks');
      expect(await records()).toContain(record.metadata.name);
      // The same release again finds what it has left.
      await helm.done('install', 'tugboot', chart, ...values);
      expect(await records()).toContain(record.metadata.name);
    });

    it('go with the release where crds.keep is off, and are not touched where crds.enabled is off', async () => {
      await helm.done('install', 'tugboot', chart, ...values, '--set', 'crds.keep=false');
      await helm.done('uninstall', 'tugboot', '--namespace', 'ops', '--no-hooks');
      expect(await kubectl('get', 'crd', '--output', 'name')).not.toContain('tugboot.dev');
      await helm.done('install', 'tugboot', chart, ...values, '--set', 'crds.enabled=false');
      expect(await kubectl('get', 'crd', '--output', 'name')).not.toContain('tugboot.dev');
    });

    const lack = lackOfEarlierChart();
    if (lack !== undefined) process.stdout.write(`releases: skipped: ${lack}\n`);
    // A checkout may come without the history of the project, in CI too.
    const describeEarlier = lack === undefined ? describe : describe.skip;
    describeEarlier('of release 0.1.0', () => {
      let earlier: EarlierChart;
      beforeAll(() => (earlier = earlierChart()));
      afterAll(() => earlier.remove());

      it.each(Object.entries(ways))('are taken over %s, and outlive a rollback', async (_way, takeOver) => {
        await helm.done('install', 'tugboot', earlier.chart, ...values);
        await kubectl('wait', '--for=condition=Established', ...definitions);
        await makeRecord();
        expect(await isOfThisVersion()).toBe(false);

        // Helm does not take what is not its own, and nothing has changed then.
        const refused = await helm.run('upgrade', 'tugboot', chart, ...values);
        expect([refused.ok, refused.text]).toEqual([false, expect.stringContaining('invalid ownership')]);
        expect(await isOfThisVersion()).toBe(false);

        await takeOver({ helm, cluster: cluster() });
        for (const name of definitions) expect(await owner(name)).toBe('tugboot');
        expect(await isOfThisVersion()).toBe(true);
        expect(await records()).toContain(record.metadata.name);

        await helm.done('rollback', 'tugboot', '1', '--namespace', 'ops');
        expect(await records()).toContain(record.metadata.name);
        await helm.done('upgrade', 'tugboot', chart, ...values);
        expect(await isOfThisVersion()).toBe(true);
        expect(await records()).toContain(record.metadata.name);
      });
    });
  });
});
