import { isLabelled, noManagedLabels } from '../../reboot/ownership/managed-labels.ts';
import { nodeContract } from '../../reboot/nodes/node-contract.ts';
import type { BootTarget } from '../../reboot/nodes/observation.ts';
import type { Clock } from '../../reboot/time/time.ts';
import type { KubeClient } from '../api/client.ts';
import { unexpectedStatus } from '../api/kube-status.ts';
import { paths } from '../api/paths.ts';
import { recentObjects } from '../watch/recent-objects.ts';
import { type JsonPatch, onlyAtBoot, onlyAtVersion, pointer } from '../nodes/json-patch.ts';
import { annotationOn, type KubeNode, versionOf } from '../nodes/kube-node.ts';
import { nodeWriter, type NodeWriter } from '../nodes/node-writer.ts';
import { nodeView } from '../nodes/read-node.ts';
import { rebootConditionAt } from '../nodes/reboot-condition.ts';

interface Deps {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly tell: (line: string) => void;
}

export interface NodeCleaner extends Deps {
  readonly writer: NodeWriter;
  /** The nodes that had something. */
  readonly changed: Set<string>;
}

export function nodeCleaner(deps: Deps): NodeCleaner {
  const recent = recentObjects<KubeNode>(deps.clock, () => undefined);
  const writer = nodeWriter({ ...deps, seen: () => undefined, recent });
  return { ...deps, writer, changed: new Set() };
}

/**
 * Maximum number of passes. Each removes one of at most four things; the others allow for concurrent changes.
 */
const maxPasses = 12;

/** Returns why the node is not clean. */
export async function cleanNode(cleaner: NodeCleaner, name: string): Promise<string | undefined> {
  for (let pass = 1; pass <= maxPasses; pass += 1) {
    const node = await cleaner.writer.read(name);
    if (node === undefined) return undefined;
    const owed = owedBy(cleaner, node);
    if (owed === undefined) {
      tellOfPeoples(cleaner, node);
      return undefined;
    }
    cleaner.changed.add(name);
    await owed();
  }
  return `Node ${name} kept changing while it was cleaned. Run this again.`;
}

/** The next write, conditional on what was read; undefined when nothing of ours is left. */
function owedBy(cleaner: NodeCleaner, node: KubeNode): (() => Promise<unknown>) | undefined {
  const { writer, tell } = cleaner;
  const view = nodeView(node);
  const { name, uid, bootId, cordonedBy } = view;
  const target: BootTarget = { node: name, uid, bootId };
  // What stood there before is noted on the node.
  if (isLabelled(view)) return () => writer.label(target, () => noManagedLabels);
  if (cordonedBy !== undefined)
    return async () => {
      if (view.unschedulable) tell(`Node ${name} is uncordoned: Reboot ${cordonedBy} had cordoned it.`);
      await writer.uncordon(target, cordonedBy);
    };
  const lastReboot = nodeContract.lastReboot.key;
  if (annotationOn(node, lastReboot) !== undefined)
    return () =>
      remove(cleaner, node, { path: paths.node(name), what: pointer('metadata', 'annotations', lastReboot) });
  const index = rebootConditionAt(node);
  if (index === undefined) return undefined;
  const what = pointer('status', 'conditions', String(index));
  return () => remove(cleaner, node, { path: paths.nodeStatus(name), what });
}

async function remove(
  { client }: Deps,
  node: KubeNode,
  { path, what }: { readonly path: string; readonly what: string },
): Promise<void> {
  const { name, uid, bootId } = nodeView(node);
  const guards = [...onlyAtBoot({ node: name, uid, bootId }), ...onlyAtVersion(versionOf(node))];
  const body: JsonPatch = [...guards, { op: 'remove', path: what }];
  const answer = await client.send({ method: 'PATCH', path, patch: 'json', body });
  // The next pass shows what has changed.
  if (!answer.ok && ![404, 409, 422].includes(answer.status.code))
    throw unexpectedStatus(answer.status, `writing node ${name}`);
}

/** Annotations that people have written for Tugboot are theirs. */
function tellOfPeoples({ tell }: Deps, node: KubeNode): void {
  const { paused, requested, requestedBy } = nodeContract;
  const keys = [paused, requested, requestedBy].map(({ key }) => key);
  const found = keys.filter((key) => annotationOn(node, key) !== undefined);
  if (found.length > 0)
    tell(`Node ${nodeView(node).name} keeps what people have written: ${found.join(', ')}.`);
}
