import { findHelm, type Manifest } from '../../charts/render-chart.ts';
import { crdTexts } from '../../k8s/world/api.ts';
import { until } from '../../k8s/world/until.ts';
import { kubectlOrThrow } from './kubectl.ts';
import type { TestCluster } from './test-cluster.ts';

/** Where the rendered chart goes (test/charts/render-chart.ts). */
export const installation = 'ops';
export const bot = { namespace: installation, name: 'tugboot-bot' };
export const agent = { namespace: installation, name: 'tugboot-agent' };

/** Everything in the chart that gives or limits rights, and runs nothing. */
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
 * Who may write what, beyond RBAC. Tests that play the bot as administrators, or name Reboots as they like,
 * go without.
 */
const isAdmission = ({ kind, metadata }: Manifest): boolean =>
  kind.startsWith('ValidatingAdmissionPolicy') &&
  metadata.labels?.['app.kubernetes.io/component'] === 'admission';

const rightsByRole = (manifest: Manifest): boolean => rights.has(manifest.kind) && !isAdmission(manifest);

/**
 * The bots of the stories are configured by files that the chart does not see: what their hooks write is
 * named to it.
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

/** As helm would: the CRDs, the namespace, and those objects of the rendered chart whose kind is wanted. */
export async function installChart(
  cluster: TestCluster,
  wanted: (manifest: Manifest) => boolean = rightsByRole,
): Promise<void> {
  if (cluster.plane === undefined && (await isInstalled(cluster)))
    throw new Error('Tugboot is installed in this cluster: its tests would be in its way, and it in theirs.');
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: installation } };
  const base = [JSON.stringify(namespace), ...crdTexts];
  const chosen = (await renderChart()).filter(wanted).map((manifest) => JSON.stringify(manifest));
  // A cluster of our own ends anyway.
  if (cluster.plane === undefined) cluster.onClose(() => remove(cluster, [...chosen, ...base]));
  await apply(cluster, base.join('\n---\n'));
  await apply(cluster, chosen.join('\n---\n'));
  await until('the custom types are served', () => isInstalled(cluster), 30_000);
}

/** With the admission policies, as an operator has it. */
export const installGuarded = (cluster: TestCluster): Promise<void> =>
  installChart(cluster, ({ kind }) => rights.has(kind));

/** With the DaemonSet, whose pods give each machine's agent its token (harness/real-house.ts). */
export const installForHouses = (cluster: TestCluster): Promise<void> =>
  installChart(cluster, ({ kind }) => rights.has(kind) || ['DaemonSet', 'ResourceQuota'].includes(kind));

/** With the CRDs go their objects, and with the namespace everything in it. */
async function remove(cluster: TestCluster, all: readonly string[]): Promise<void> {
  await kubectlOrThrow(
    cluster.kubectl,
    ['delete', '--ignore-not-found', '--filename', '-'],
    all.join('\n---\n'),
  );
}

const apply = (cluster: TestCluster, text: string): Promise<string> =>
  kubectlOrThrow(cluster.kubectl, ['apply', '--server-side', '--filename', '-'], text);
