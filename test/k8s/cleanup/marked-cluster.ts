/** What a bot leaves on a cluster in the middle of its work: the start of a test of `tugboot cleanup`. */
import { type WantedLabels, noManagedLabels } from '../../../src/reboot/ownership/managed-labels.ts';
import type { BootTarget } from '../../../src/reboot/nodes/observation.ts';
import type { Kube } from '../../../src/k8s/kube.ts';
import type { Hand } from '../world/hand.ts';
import { aReboot } from '../../fakes/builders.ts';

const lastReboot = '2026-11-01T00:00:00.000Z' as WantedLabels['lastReboot'] & string;
const zone = 'example.com/served-by';

export interface MarkedCluster {
  /** n1: out of service. n2: asks. n3: cordoned by somebody else. n4: paused by people. */
  readonly targets: Readonly<Record<'n1' | 'n2' | 'n3' | 'n4', BootTarget>>;
}

export async function addNodes(hand: Hand): Promise<MarkedCluster> {
  const n1 = await hand.addNode('n1', { [zone]: 'east' });
  const n2 = await hand.addNode('n2');
  const n3 = await hand.addNode('n3');
  const n4 = await hand.addNode('n4');
  await hand.cordonAsOther('n3');
  await hand.taintAsOther('n1', 'example.com/dedicated');
  await hand.conditionAsOther('n2', 'DrainInProgress', 'AnotherTool:x');
  const annotations = { 'tugboot.dev/paused': 'a migration', 'example.com/team': 'shop' };
  await hand.ask({
    method: 'PATCH',
    path: '/api/v1/nodes/n4',
    patch: 'merge',
    body: { metadata: { annotations } },
  });
  return { targets: { n1, n2, n3, n4 } };
}

/** Through the adapters of the bot, with its rights. */
export async function markNodes(kube: Kube, { targets }: MarkedCluster): Promise<void> {
  const { cluster, ledger, store } = kube;
  for (const target of Object.values(targets)) {
    await cluster.ensureAgent({ name: target.node, uid: target.uid });
    await cluster.setRebootRequired(target, 'True', 'The package libc6 asks for it.');
    await cluster.label(target, () => ({ ...noManagedLabels, lastReboot }));
  }
  const { n1, n2 } = targets;
  const reboot = aReboot({ name: 'n1-0123456789', node: { name: 'n1', uid: n1.uid } });
  await store.create(reboot);
  await cluster.cordon(n1, reboot.name);
  await cluster.label(n1, () => ({
    ...noManagedLabels,
    labels: { [zone]: 'nobody', 'example.com/out': 'true' },
    annotations: { 'example.com/reason': 'reboot' },
    labelsFor: reboot.name,
    waiting: true,
    state: { phase: 'Rebooting', reboot: reboot.name },
    drain: { reboot: reboot.name, drained: true },
  }));
  await cluster.label(n2, () => ({ ...noManagedLabels, waiting: true }));
  await cluster.order(n1);
  await kube.pauses.put({
    scope: { kind: 'cluster' },
    by: { kind: 'user', id: 'U0123ABCD', name: 'ada' },
    at: lastReboot,
  });
  const turn = { reboot: reboot.name, node: 'n1', pool: 'default', controlPlane: false, since: lastReboot };
  await ledger.take(turn, { cluster: 1, pool: 1 });
}

/** As the real API server, which leaves out what is empty; and without what every write changes. */
export function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value)
    .filter(([key]) => !['resourceVersion', 'managedFields', 'generation'].includes(key))
    .map(([key, inner]) => [key, withoutEmpty(inner)] as const)
    .filter(([, inner]) => !isEmpty(inner));
  return Object.fromEntries(kept);
}

const isEmpty = (value: unknown): boolean =>
  value === false || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);
