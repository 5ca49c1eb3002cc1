import { expect, it } from 'vitest';
import { describeWith } from '../needs/describe-with.ts';
import { helm, least, needsHelm } from './chart-helm.ts';
import { container, one, podSpec } from './pod.ts';
import type { Manifest } from './render-chart.ts';

describeWith('helm uninstall', needsHelm, () => {
  const hooks = async (values: unknown): Promise<readonly Manifest[]> =>
    (await helm().render(values)).filter(
      ({ metadata }) => metadata.labels?.['app.kubernetes.io/component'] === 'cleanup',
    );

  it('runs the cleanup first, with an account that is there for it alone', async () => {
    const all = await hooks(least);
    expect(all.map(({ kind }) => kind).toSorted()).toEqual([
      'ClusterRole',
      'ClusterRoleBinding',
      'Job',
      'Role',
      'RoleBinding',
      'ServiceAccount',
    ]);
    for (const { metadata } of all)
      expect(metadata).toMatchObject({
        name: 'tugboot-cleanup',
        annotations: {
          'helm.sh/hook': 'pre-delete',
          'helm.sh/hook-delete-policy': 'before-hook-creation,hook-succeeded',
        },
      });
    const job = one(all, 'Job');
    expect(container(job).args).toEqual(['dist/tugboot.cjs', 'cleanup', '--bot', 'tugboot-bot']);
    expect(podSpec(job)).toMatchObject({ serviceAccountName: 'tugboot-cleanup', restartPolicy: 'Never' });
    const withReboots = one(await hooks({ ...least, cleanup: { reboots: true } }), 'Job');
    expect(container(withReboots).args?.at(-1)).toBe('--reboots');
  });

  it('runs nothing where it is told so', async () => {
    expect(await hooks({ ...least, cleanup: { enabled: false } })).toEqual([]);
  });
});
