import { nodeContract } from '../../reboot/nodes/node-contract.ts';
import { relabel, type WantedLabels } from '../../reboot/nodes/managed-labels.ts';
import { PortError } from '../../reboot/ports/port-error.ts';
import type { BootTarget, Cluster, StillOwed } from '../../reboot/ports/cluster.ts';
import type { Clock } from '../../reboot/ports/time.ts';
import type { NodeView } from '../../reboot/nodes/node-view.ts';
import { toTimestamp } from '../../reboot/ports/time.ts';
import { bodyOrThrow, type KubeClient } from '../api/client.ts';
import { at, listAt, textAt, textsAt } from '../api/json-value.ts';
import { refusal } from '../api/kube-status.ts';
import { paths } from '../api/paths.ts';
import {
  conditionPatch,
  cordonPatch,
  onlyAtBoot,
  onlyAtVersion,
  takeRequestPatch,
  uncordonPatch,
  unmarkPatch,
  type JsonPatch,
} from './json-patch.ts';
import { withDrainMark } from './drain-conditions.ts';
import { markOperations } from './mark-patch.ts';
import { nodeView } from './read-node.ts';

export interface NodeWriterDeps {
  readonly client: KubeClient;
  readonly clock: Clock;
  /** Receives each Node that the API server returns, for a read or a write. */
  readonly seen: (node: unknown) => void;
}

export type NodeWriter = Pick<
  Cluster,
  'cordon' | 'uncordon' | 'unmark' | 'mark' | 'takeRequest' | 'markRebootRequired'
> & {
  /** Reads from the API server, not from the cache. */
  read(node: string): Promise<unknown>;
};

/**
 * A kubelet writes its Node's status every few seconds at most: so many conflicts in a row have another
 * cause.
 */
const maxAttempts = 6;

type Step<R> =
  | { readonly done: R }
  | { readonly patch: JsonPatch; readonly subresource?: 'status'; readonly result: R };

/** Read, decide, conditional write; starts over when a precondition failed. */
async function writeNode<R>(
  deps: NodeWriterDeps,
  target: BootTarget,
  decide: (node: unknown, view: NodeView) => Step<R>,
  still: StillOwed = async () => true,
): Promise<R | 'wrong-boot' | 'gone' | 'not-owed'> {
  for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
    const node = await readNode(deps, target.node);
    const view = nodeView(node);
    // Another machine has the name now: the target is gone.
    if (node === undefined || view.uid !== target.uid) return 'gone';
    if (view.bootId !== target.bootId) return 'wrong-boot';
    const step = decide(node, view);
    if ('done' in step) return step.done;
    if (!(await still())) return 'not-owed';
    const path = step.subresource ? paths.nodeStatus(target.node) : paths.node(target.node);
    const answer = await deps.client.send({ method: 'PATCH', path, patch: 'json', body: step.patch });
    if (answer.ok) {
      deps.seen(answer.body);
      return step.result;
    }
    // 422: a test failed; 409: a concurrent write; 404: the node was deleted. The next read shows which.
    if (![404, 409, 422].includes(answer.status.code))
      throw refusal(answer.status, `writing node ${target.node}`);
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
  decide: (node: unknown, view: NodeView) => Step<R>,
): Promise<R | 'wrong-boot' | 'gone'> {
  const answer = await writeNode(deps, target, decide);
  if (answer === 'not-owed') throw new Error('a write without a check was not owed');
  return answer;
}

async function readNode(deps: NodeWriterDeps, name: string): Promise<unknown> {
  const answer = await deps.client.send({ method: 'GET', path: paths.node(name) });
  if (!answer.ok && answer.status.code === 404) return undefined;
  const node = bodyOrThrow(answer, `reading node ${name}`);
  deps.seen(node);
  return node;
}

function cordonStep(target: BootTarget, owner: string, node: unknown, view: NodeView): Step<'us' | 'other'> {
  // Already cordoned by this owner: a crash came between the write and its record.
  if (view.unschedulable) return { done: view.cordonedBy === owner ? 'us' : 'other' };
  const version = versionOf(node);
  const annotated = at(node, 'metadata', 'annotations') !== undefined;
  return { patch: cordonPatch({ target, owner, version, annotated }), result: 'us' };
}

function uncordonStep(
  target: BootTarget,
  owner: string,
  node: unknown,
  view: NodeView,
): Step<'done' | 'kept'> {
  if (!view.unschedulable) return unmarkStep(target, owner, node, view);
  if (view.cordonedBy !== owner) return { done: 'kept' };
  return { patch: uncordonPatch(target, owner, versionOf(node)), result: 'done' };
}

function unmarkStep(target: BootTarget, owner: string, node: unknown, view: NodeView): Step<'done' | 'kept'> {
  if (view.unschedulable) return { done: 'kept' };
  if (view.cordonedBy !== owner) return { done: 'done' };
  return { patch: unmarkPatch(target, owner, versionOf(node)), result: 'done' };
}

function requestStep(
  target: BootTarget,
  expected: Parameters<Cluster['takeRequest']>[1],
  node: unknown,
  view: NodeView,
): Step<'done' | 'kept'> {
  if (view.requested === undefined) return { done: 'done' };
  if (view.requested !== expected.requested || view.requestedBy !== expected.requestedBy)
    return { done: 'kept' };
  const named = view.requestedBy !== undefined;
  return { patch: takeRequestPatch(target, versionOf(node), named), result: 'done' };
}

function markStep(target: BootTarget, wanted: WantedLabels, node: unknown, view: NodeView): Step<'done'> {
  // From this read, not from the watch's cache.
  const marked = { ...view, hookAnnotations: textsAt(node, 'metadata', 'annotations') };
  const next = relabel(marked, wanted);
  if (next === undefined) return { done: 'done' };
  const operations = markOperations(node, marked, next);
  if (operations.length === 0) return { done: 'done' };
  const guards = [...onlyAtBoot(target), ...onlyAtVersion(versionOf(node))];
  return { patch: [...guards, ...operations], result: 'done' };
}

interface MarkParams {
  readonly target: BootTarget;
  readonly wanted: (node: NodeView) => WantedLabels;
  readonly still: StillOwed | undefined;
}

/** Conditions need a second write: `status` is a subresource. */
async function mark(deps: NodeWriterDeps, { target, wanted, still }: MarkParams) {
  let conditions = false;
  const differs = (view: NodeView, { drain }: WantedLabels): boolean =>
    JSON.stringify(view.marks?.drain) !== JSON.stringify(drain);
  const answer = await writeNode(
    deps,
    target,
    (node, view) => {
      const labels = wanted(view);
      conditions = differs(view, labels);
      return markStep(target, labels, node, view);
    },
    still,
  );
  if (answer !== 'done' || !conditions) return answer;
  const now = toTimestamp(deps.clock.now());
  return writeNode(
    deps,
    target,
    (node, view): Step<'done'> => {
      const next = withDrainMark(node, wanted(view).drain, now);
      if (next === undefined) return { done: 'done' };
      const guards = [...onlyAtBoot(target), ...onlyAtVersion(versionOf(node))];
      const patch = [...guards, { op: 'add', path: '/status/conditions', value: next } as const];
      return { patch, subresource: 'status', result: 'done' };
    },
    still,
  );
}

const versionOf = (node: unknown): string => textAt(node, 'metadata', 'resourceVersion') ?? '';

type ConditionStatus = Parameters<Cluster['markRebootRequired']>[1];

const reasons: Record<ConditionStatus, string> = {
  True: 'RebootRequired',
  False: 'NoRebootRequired',
  Unknown: 'SignalUnreadable',
};

interface ConditionParams {
  readonly target: BootTarget;
  readonly status: ConditionStatus;
  readonly message: string;
  readonly now: string;
}

function conditionStep(node: unknown, { target, status, message, now }: ConditionParams): Step<'done'> {
  const { key } = nodeContract.rebootRequired;
  const conditions = at(node, 'status', 'conditions');
  const index = listAt(node, 'status', 'conditions').findIndex(
    (condition) => textAt(condition, 'type') === key,
  );
  const before = listAt(node, 'status', 'conditions')[index];
  const sameStatus = textAt(before, 'status') === status;
  if (sameStatus && textAt(before, 'message') === message) return { done: 'done' };
  const since = sameStatus ? textAt(before, 'lastTransitionTime') : undefined;
  const condition = {
    type: key,
    status,
    reason: reasons[status],
    message,
    lastHeartbeatTime: now,
    lastTransitionTime: since ?? now,
  };
  const version = versionOf(node);
  const place = conditions === undefined ? 'first' : index < 0 ? 'append' : { index };
  return {
    patch: conditionPatch({ target, version, place, condition }),
    subresource: 'status',
    result: 'done',
  };
}

export function nodeWriter(deps: NodeWriterDeps): NodeWriter {
  return {
    read: (name) => readNode(deps, name),
    cordon: (target, owner, still) =>
      writeNode(deps, target, (node, view) => cordonStep(target, owner, node, view), still),
    uncordon: (target, owner, still) =>
      writeNode(deps, target, (node, view) => uncordonStep(target, owner, node, view), still),
    unmark: (target, owner) =>
      writeNodeFact(deps, target, (node, view) => unmarkStep(target, owner, node, view)),
    takeRequest: (target, expected) =>
      writeNodeFact(deps, target, (node, view) => requestStep(target, expected, node, view)),
    mark: (target, wanted, still) => mark(deps, { target, wanted, still }),
    markRebootRequired(target, status, message) {
      const now = toTimestamp(deps.clock.now());
      return writeNodeFact(deps, target, (node) => conditionStep(node, { target, status, message, now }));
    },
  };
}
