import { relabel, type WantedLabels } from '../../reboot/ownership/managed-labels.ts';
import { PortError } from '../../reboot/ports/port-error.ts';
import type { BootTarget } from '../../reboot/nodes/observation.ts';
import type {
  Cordons,
  NodeLabels,
  NodeRecords,
  NodeRequests,
  StillOwed,
} from '../../reboot/ports/cluster/node-writes.ts';
import { type Clock, type Instant, toTimestamp } from '../../reboot/time/time.ts';
import type { NodeView } from '../../reboot/nodes/node-view.ts';
import { bodyOrThrow, type KubeClient } from '../api/client.ts';
import { unexpectedStatus } from '../api/kube-status.ts';
import { paths } from '../api/paths.ts';
import type { RecentObjects } from '../watch/recent-objects.ts';
import {
  conditionPatch,
  cordonPatch,
  onlyAtBoot,
  onlyAtVersion,
  takeRequestPatch,
  uncordonPatch,
  forgetCordonPatch,
  type JsonPatch,
} from './json-patch.ts';
import {
  conditionChange,
  rebootCondition,
  type NextCondition,
  type SeenCondition,
} from './reboot-condition.ts';
import { withDrainCondition } from './drain-conditions.ts';
import { type KubeNode, versionOf, withoutBulk } from './kube-node.ts';
import { labelOperations } from './managed-labels-patch.ts';
import { isAtBoot, nodeView } from './read-node.ts';

export interface NodeWriterDeps {
  readonly client: KubeClient;
  readonly clock: Clock;
  /** Receives each Node that the API server returns, for a read or a write. */
  readonly seen: (node: KubeNode) => void;
  readonly recent: RecentObjects<KubeNode>;
}

export type NodeWriter = Cordons &
  NodeLabels &
  Pick<NodeRequests, 'takeRequest'> &
  Pick<NodeRecords, 'setRebootRequired'> & {
    /** Reads from the API server, not from the cache. */
    read(node: string): Promise<KubeNode | undefined>;
    /** The Node in a list that was asked for at `sentAt`. */
    wasRead(node: KubeNode, sentAt: Instant): void;
    /**
     * Writes the condition RebootRequired with another status, where the watch saw it or that there is none.
     * False when the Node has changed since.
     */
    writeCondition(target: BootTarget, next: NextCondition, seen: SeenCondition): Promise<boolean>;
  };

/**
 * A kubelet writes its Node's status every few seconds at most: so many conflicts in a row have another
 * cause.
 */
const maxAttempts = 6;

type Step<R> =
  | { readonly done: R }
  | { readonly patch: JsonPatch; readonly subresource?: 'status'; readonly result: R };

/**
 * The Node that the first attempt decides on. One that was read or written just now will do where it leads to
 * a write, since the write's preconditions confirm it. Every other answer rests on a fresh read.
 */
async function firstNode<R>(
  deps: NodeWriterDeps,
  target: BootTarget,
  decide: (node: KubeNode, view: NodeView) => Step<R>,
): Promise<KubeNode | undefined> {
  const known = deps.recent.get(target.node)?.object;
  if (known !== undefined) {
    const view = nodeView(known);
    if (isAtBoot(view, target) && 'patch' in decide(known, view)) return known;
  }
  return readNode(deps, target.node);
}

/** Read, decide, conditional write; starts over when a precondition failed. */
async function writeNode<R>(
  deps: NodeWriterDeps,
  target: BootTarget,
  decide: (node: KubeNode, view: NodeView) => Step<R>,
  still: StillOwed = async () => true,
): Promise<R | 'wrong-boot' | 'gone' | 'not-owed'> {
  for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
    const node = attempt === 1 ? await firstNode(deps, target, decide) : await readNode(deps, target.node);
    if (node === undefined) return 'gone';
    const view = nodeView(node);
    // Another machine has the name now: the target is gone.
    if (view.uid !== target.uid) return 'gone';
    if (view.bootId !== target.bootId) return 'wrong-boot';
    const step = decide(node, view);
    if ('done' in step) return step.done;
    if (!(await still())) return 'not-owed';
    const path = step.subresource ? paths.nodeStatus(target.node) : paths.node(target.node);
    const sentAt = deps.clock.now();
    const answer = await deps.client.send({ method: 'PATCH', path, patch: 'json', body: step.patch });
    if (answer.ok) {
      received(deps, answer.body as KubeNode, sentAt);
      return step.result;
    }
    // 422: a test failed; 409: a concurrent write; 404: the node was deleted. The next read shows which.
    if (![404, 409, 422].includes(answer.status.code))
      throw unexpectedStatus(answer.status, `writing node ${target.node}`);
  }
  throw new PortError('conflict', `Node ${target.node} kept changing while it was written.`, {
    retryable: true,
  });
}

/**
 * For writes without a `still` check: they state a fact about the node, so a late write by another replica is
 * correct as well.
 */
async function writeNodeFact<R>(
  deps: NodeWriterDeps,
  target: BootTarget,
  decide: (node: KubeNode, view: NodeView) => Step<R>,
): Promise<R | 'wrong-boot' | 'gone'> {
  const answer = await writeNode(deps, target, decide);
  if (answer === 'not-owed') throw new Error('a write without a check was not owed');
  return answer;
}

function received({ seen, recent }: NodeWriterDeps, node: KubeNode, sentAt: Instant): void {
  seen(node);
  recent.remember(withoutBulk(node), sentAt);
}

async function readNode(deps: NodeWriterDeps, name: string): Promise<KubeNode | undefined> {
  const sentAt = deps.clock.now();
  const answer = await deps.client.send({ method: 'GET', path: paths.node(name) });
  if (!answer.ok && answer.status.code === 404) return undefined;
  const node = bodyOrThrow(answer, `reading node ${name}`) as KubeNode;
  received(deps, node, sentAt);
  return node;
}

function cordonStep(target: BootTarget, owner: string, node: KubeNode, view: NodeView): Step<'us' | 'other'> {
  // Already cordoned by this owner: a crash came between the write and its record.
  if (view.unschedulable) return { done: view.cordonedBy === owner ? 'us' : 'other' };
  const version = versionOf(node);
  const annotated = node.metadata?.annotations !== undefined;
  return { patch: cordonPatch({ target, owner, version, annotated }), result: 'us' };
}

function uncordonStep(
  target: BootTarget,
  owner: string,
  node: KubeNode,
  view: NodeView,
): Step<'done' | 'kept'> {
  if (!view.unschedulable) return forgetCordonStep(target, owner, node, view);
  if (view.cordonedBy !== owner) return { done: 'kept' };
  return { patch: uncordonPatch(target, owner, versionOf(node)), result: 'done' };
}

function forgetCordonStep(
  target: BootTarget,
  owner: string,
  node: KubeNode,
  view: NodeView,
): Step<'done' | 'kept'> {
  if (view.unschedulable) return { done: 'kept' };
  if (view.cordonedBy !== owner) return { done: 'done' };
  return { patch: forgetCordonPatch(target, owner, versionOf(node)), result: 'done' };
}

function requestStep(
  target: BootTarget,
  expected: Parameters<NodeRequests['takeRequest']>[1],
  node: KubeNode,
  view: NodeView,
): Step<'done' | 'kept'> {
  if (view.requested === undefined) return { done: 'done' };
  if (view.requested !== expected.requested || view.requestedBy !== expected.requestedBy)
    return { done: 'kept' };
  const named = view.requestedBy !== undefined;
  return { patch: takeRequestPatch(target, versionOf(node), named), result: 'done' };
}

function labelStep(target: BootTarget, wanted: WantedLabels, node: KubeNode, view: NodeView): Step<'done'> {
  // From this read, not from the watch's cache.
  const marked = { ...view, hookAnnotations: node.metadata?.annotations ?? {} };
  const next = relabel(marked, wanted);
  if (next === undefined) return { done: 'done' };
  const operations = labelOperations(node, marked, next);
  if (operations.length === 0) return { done: 'done' };
  const guards = [...onlyAtBoot(target), ...onlyAtVersion(versionOf(node))];
  return { patch: [...guards, ...operations], result: 'done' };
}

interface LabelParams {
  readonly target: BootTarget;
  readonly wanted: (node: NodeView) => WantedLabels;
  readonly still: StillOwed | undefined;
}

/** Conditions need a second write: `status` is a subresource. */
async function label(deps: NodeWriterDeps, { target, wanted, still }: LabelParams) {
  let conditions = false;
  const differs = (view: NodeView, { drain }: WantedLabels): boolean =>
    JSON.stringify(view.managed?.drain) !== JSON.stringify(drain);
  const answer = await writeNode(
    deps,
    target,
    (node, view) => {
      const labels = wanted(view);
      conditions = differs(view, labels);
      return labelStep(target, labels, node, view);
    },
    still,
  );
  if (answer !== 'done' || !conditions) return answer;
  const now = toTimestamp(deps.clock.now());
  return writeNode(
    deps,
    target,
    (node, view): Step<'done'> => {
      const next = withDrainCondition(node, wanted(view).drain, now);
      if (next === undefined) return { done: 'done' };
      const guards = [...onlyAtBoot(target), ...onlyAtVersion(versionOf(node))];
      const patch = [...guards, { op: 'add', path: '/status/conditions', value: next } as const];
      return { patch, subresource: 'status', result: 'done' };
    },
    still,
  );
}

async function writeCondition(
  deps: NodeWriterDeps,
  target: BootTarget,
  { next, seen: { version, place } }: { readonly next: NextCondition; readonly seen: SeenCondition },
): Promise<boolean> {
  const sentAt = deps.clock.now();
  const condition = rebootCondition(next, toTimestamp(sentAt));
  const answer = await deps.client.send({
    method: 'PATCH',
    path: paths.nodeStatus(target.node),
    patch: 'json',
    body: conditionPatch({ target, version, place, condition }),
  });
  if (answer.ok) received(deps, answer.body as KubeNode, sentAt);
  else if (![404, 409, 422].includes(answer.status.code))
    throw unexpectedStatus(answer.status, `writing node ${target.node}`);
  return answer.ok;
}

export function nodeWriter(deps: NodeWriterDeps): NodeWriter {
  return {
    read: (name) => readNode(deps, name),
    wasRead: (node, sentAt) => received(deps, node, sentAt),
    cordon: (target, owner, still) =>
      writeNode(deps, target, (node, view) => cordonStep(target, owner, node, view), still),
    uncordon: (target, owner, still) =>
      writeNode(deps, target, (node, view) => uncordonStep(target, owner, node, view), still),
    forgetCordon: (target, owner) =>
      writeNodeFact(deps, target, (node, view) => forgetCordonStep(target, owner, node, view)),
    takeRequest: (target, expected) =>
      writeNodeFact(deps, target, (node, view) => requestStep(target, expected, node, view)),
    label: (target, wanted, still) => label(deps, { target, wanted, still }),
    writeCondition: (target, next, seen) => writeCondition(deps, target, { next, seen }),
    setRebootRequired(target, status, message) {
      const now = toTimestamp(deps.clock.now());
      return writeNodeFact(deps, target, (node): Step<'done'> => {
        const patch = conditionChange(node, { target, next: { status, message }, now });
        return patch === undefined ? { done: 'done' } : { patch, subresource: 'status', result: 'done' };
      });
    },
  };
}
