import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { describeWith } from '../needs/describe-with.ts';
import { helm, needsHelm } from './chart-helm.ts';
import { container, one, podSpec } from './pod.ts';
import { presets, valuesOf } from './presets.ts';

const names = [...presets.keys()];
const preset = (name: string): Record<string, unknown> => valuesOf(presets.get(name) ?? {});

/** What their API server makes of them is tried in test/cluster/presets.test.ts. */
describeWith('the presets of the chart', needsHelm, () => {
  it('are those that its README names', () => {
    const readme = readFileSync('charts/tugboot/README.md', 'utf8');
    const named = [...readme.matchAll(/\(presets\/(\w+)\.yaml\) \|/g)].map(([, name = '']) => name);
    expect(named.toSorted()).toEqual(names.toSorted());
  });

  it.each(names)('%s is taken by helm, and passes its lint', async (name) => {
    expect(await helm().lint(preset(name))).toContain('1 chart(s) linted, 0 chart(s) failed');
    expect((await helm().render(preset(name))).length).toBeGreaterThan(20);
  });

  it('openshift: the SCC allows what the agent has, and the others have no user ids of their own', async () => {
    const manifests = await helm().render(preset('openshift'));
    const scc = one(manifests, 'SecurityContextConstraints');
    const agent = one(manifests, 'DaemonSet');
    const { capabilities } = container(agent).securityContext as { capabilities: { add: unknown } };
    expect(scc).toMatchObject({
      users: ['system:serviceaccount:ops:tugboot-agent'],
      allowHostPID: true,
      allowedCapabilities: capabilities.add,
      readOnlyRootFilesystem: true,
    });
    const kinds = (podSpec(agent).volumes ?? []).flatMap((volume) => Object.keys(volume));
    expect(scc['volumes']).toEqual(expect.arrayContaining(kinds.filter((kind) => kind !== 'name')));
    for (const kind of ['Deployment', 'StatefulSet', 'Job', 'Pod']) {
      const workload = one(manifests, kind);
      const spec = kind === 'Pod' ? workload['spec'] : podSpec(workload);
      expect([kind, JSON.stringify(spec)]).toEqual([kind, expect.not.stringMatching(/runAsUser|fsGroup/)]);
    }
  });
});
