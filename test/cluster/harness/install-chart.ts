import { findHelm, type Manifest } from '../../charts/render-chart.ts';
import { crdTexts } from '../../k8s/world/api.ts';
import { until } from '../../k8s/world/until.ts';
import { kubectlOrThrow } from './kubectl.ts';
import type { TestCluster } from './test-cluster.ts';

/** Namespace of the rendered chart (test/charts/render-chart.ts). */
export const installation = 'ops';
export const bot = { namespace: installation, name: 'tugboot-bot' };
export const agent = { namespace: installation, name: 'tugboot-agent' };

/** The kinds of the chart that grant or limit permissions, and run nothing. */
export const rights: ReadonlySet<string> = new Set([
  'ServiceAccount',
  'ClusterRole',
  'ClusterRoleBinding',
  'Role',
  'RoleBinding',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
]);

/**
 * Admission policies, which restrict writes beyond RBAC. Omitted for tests that act as the bot with an
 * administrator's rights, or choose names of Reboots.
 */
const isAdmission = ({ kind, metadata }: Manifest): boolean =>
  kind.startsWith('ValidatingAdmissionPolicy') &&
  metadata.labels?.['app.kubernetes.io/component'] === 'admission';

const rightsByRole = (manifest: Manifest): boolean => rights.has(manifest.kind) && !isAdmission(manifest);

/**
 * The stories configure their bots by files outside of the chart, so the chart needs the keys that their
 * hooks write.
 */
const writtenByHooks = ['cluster-autoscaler.kubernetes.io/scale-down-disabled'];

export async function renderChart(): Promise<readonly Manifest[]> {
  const found = await findHelm();
  if ('why' in found) throw new Error(found.why);
  return found.helm.render({
    slack: { existingSecret: 'slack' },
    admission: { nodeAnnotations: writtenByHooks },
  });
}

const isInstalled = async ({ admin }: TestCluster): Promise<boolean> =>
  (await admin.send({ method: 'GET', path: '/apis/tugboot.dev/v1alpha1/reboots' })).ok;

/** As helm would: the CRDs, the namespace, and the objects of the rendered chart that `wanted` selects. */
export async function installChart(
  cluster: TestCluster,
  wanted: (manifest: Manifest) => boolean = rightsByRole,
): Promise<void> {
  if (cluster.plane === undefined && (await isInstalled(cluster)))
    throw new Error('Tugboot is installed in this cluster: its tests would be in its way, and it in theirs.');
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: installation } };
  const base = [JSON.stringify(namespace), ...crdTexts];
  const chosen = (await renderChart()).filter(wanted).map((manifest) => JSON.stringify(manifest));
  // A control plane of our own is discarded anyway.
  if (cluster.plane === undefined) cluster.onClose(() => remove(cluster, [...chosen, ...base]));
  await apply(cluster, base.join('\n---\n'));
  await apply(cluster, chosen.join('\n---\n'));
  await until('the custom types are served', () => isInstalled(cluster), 30_000);
}

/** With the admission policies, as in an operator's installation. */
export const installGuarded = (cluster: TestCluster): Promise<void> =>
  installChart(cluster, ({ kind }) => rights.has(kind));

/** With the DaemonSet, whose pods provide the token of each machine's agent (harness/real-environment.ts). */
export const installForEnvironments = (cluster: TestCluster): Promise<void> =>
  installChart(cluster, ({ kind }) => rights.has(kind) || ['DaemonSet', 'ResourceQuota'].includes(kind));

/** Deleting the CRDs deletes their objects, and deleting the namespace its content. */
async function remove(cluster: TestCluster, all: readonly string[]): Promise<void> {
  await kubectlOrThrow(
    cluster.kubectl,
    ['delete', '--ignore-not-found', '--filename', '-'],
    all.join('\n---\n'),
  );
}

const apply = (cluster: TestCluster, text: string): Promise<string> =>
  kubectlOrThrow(cluster.kubectl, ['apply', '--server-side', '--filename', '-'], text);
