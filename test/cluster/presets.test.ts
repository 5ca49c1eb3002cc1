import { beforeAll, expect, it } from 'vitest';
import { helm } from '../charts/chart-helm.ts';
import { presets, valuesOf } from '../charts/presets.ts';
import { installChart } from './harness/install-chart.ts';
import { onCluster, passiveControllers } from './harness/on-cluster.ts';

const needs = { controllers: passiveControllers, scheduler: false, notOnGiven: 'it makes a namespace' };

onCluster('the presets on a real API server', needs, (cluster) => {
  // A pod is refused if its service account does not exist.
  beforeAll(() => installChart(cluster()));

  it.each([...presets])('%s: every object is taken without a warning', async (_name, preset) => {
    const manifests = await helm().render(valuesOf(preset));
    // OpenShift's own kind is not served here.
    const known = manifests.filter(({ apiVersion }) => !apiVersion.startsWith('security.openshift.io/'));
    expect(manifests.length - known.length).toBeLessThan(2);
    const all = known.map((manifest) => JSON.stringify(manifest)).join('\n---\n');
    const dry = await cluster().kubectl(
      ['apply', '--server-side', '--dry-run=server', '--filename', '-'],
      all,
    );
    expect([dry.code, dry.stderr]).toEqual([0, '']);
  });
});
