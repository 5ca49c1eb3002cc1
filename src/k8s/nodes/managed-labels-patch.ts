import { nodeContract } from '../../reboot/nodes/node-contract.ts';
import type { ManagedLabels } from '../../reboot/nodes/node-view.ts';
import type { LabelledNode, RelabelledNode } from '../../reboot/ownership/managed-labels.ts';
import { type JsonPatch, type PatchOperation, pointer } from './json-patch.ts';
import { annotationOn, type KubeNode } from './kube-node.ts';
import { notedText, taintIndex } from './read-managed-labels.ts';

/**
 * The operations from the labels, annotations and taints that a Node has to those that it should have. Valid
 * only for the version that was read: they address list elements by index.
 */
export function labelOperations(
  node: KubeNode,
  view: Pick<LabelledNode, 'labels' | 'hookAnnotations'>,
  next: RelabelledNode,
): JsonPatch {
  const labels = { before: view.labels, after: next.labels };
  const annotations = {
    before: { ...view.hookAnnotations, ...annotationsOn(node) },
    after: { ...next.hookAnnotations, ...annotationsFor(next.managed) },
  };
  return [
    ...mapOperations(node, 'labels', labels),
    ...mapOperations(node, 'annotations', annotations),
    ...taintOperations(node, next.managed?.waiting === true),
  ];
}

type Texts = Readonly<Record<string, string | undefined>>;

const { managed, state, reboot, lastReboot, waiting } = nodeContract;

const annotationsOn = (node: KubeNode): Texts =>
  Object.fromEntries([managed, state, reboot, lastReboot].map(({ key }) => [key, annotationOn(node, key)]));

function annotationsFor(next: ManagedLabels | undefined): Texts {
  const put = Object.keys({ ...next?.labels, ...next?.annotations });
  const noted = next && put.length > 0 ? notedText(next) : undefined;
  return {
    [managed.key]: noted,
    [state.key]: next?.state,
    [reboot.key]: next?.reboot,
    [lastReboot.key]: next?.lastReboot,
  };
}

function mapOperations(
  node: KubeNode,
  map: 'labels' | 'annotations',
  { before, after }: { readonly before: Texts; readonly after: Texts },
): JsonPatch {
  const own = (texts: Texts, key: string): string | undefined =>
    Object.hasOwn(texts, key) ? texts[key] : undefined;
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const operations = keys.flatMap((key): PatchOperation[] => {
    const [then, now] = [own(before, key), own(after, key)];
    const path = pointer('metadata', map, key);
    if (then === now) return [];
    return now === undefined ? [{ op: 'remove', path }] : [{ op: 'add', path, value: now }];
  });
  // `add` fails below a missing parent.
  const made = operations.length > 0 && node.metadata?.[map] === undefined;
  return made ? [{ op: 'add', path: pointer('metadata', map), value: {} }, ...operations] : operations;
}

function taintOperations(node: KubeNode, wanted: boolean): JsonPatch {
  const index = taintIndex(node);
  if (index >= 0 === wanted) return [];
  if (!wanted) return [{ op: 'remove', path: pointer('spec', 'taints', String(index)) }];
  const taint = { key: waiting.key, effect: 'PreferNoSchedule' };
  return (node.spec?.taints ?? []).length === 0
    ? [{ op: 'add', path: pointer('spec', 'taints'), value: [taint] }]
    : [{ op: 'add', path: pointer('spec', 'taints', '-'), value: taint }];
}
