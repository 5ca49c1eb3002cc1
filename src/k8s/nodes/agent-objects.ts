import { isDeepStrictEqual } from 'node:util';
import { nodeContract } from '../../reboot/nodes/node-contract.ts';
import { PortError } from '../../reboot/ports/port-error.ts';
import type { BootTarget } from '../../reboot/nodes/observation.ts';
import type { NodeRecords, Orders, StillOwed } from '../../reboot/ports/cluster/node-writes.ts';
import type { NodeNote, NoteTopic } from '../../reboot/nodes/node-note.ts';
import type { NodeView } from '../../reboot/nodes/node-view.ts';
import { bodyOrThrow, type KubeClient } from '../api/client.ts';
import { definitionMissing } from '../api/definition-missing.ts';
import { at, textAt } from '../api/json-value.ts';
import { listAll } from '../api/pages.ts';
import { unexpectedStatus } from '../api/kube-status.ts';
import { ownApiVersion, paths } from '../api/paths.ts';
import type { JsonPatch } from './json-patch.ts';
import {
  hasOrder,
  installationKey,
  knownAgent,
  orderPatch,
  ownerOf,
  refuseLatePatch,
  withdrawPatch,
  type AgentOwner,
  type KnownAgent,
  type Order,
} from './agent-order.ts';
import { noteOf } from './agent-view.ts';
import type { KubeNode } from './kube-node.ts';
import { isAtBoot, nodeView } from './read-node.ts';

export interface AgentObjectsDeps {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly readNode: (name: string) => Promise<KubeNode | undefined>;
  /** The Node as this process has read or written it just now. */
  readonly recentNode: (name: string) => KubeNode | undefined;
  /** The watch's view of a node's agent. */
  readonly watched: (node: string) => KnownAgent | undefined;
  /** The UID of the Node as the watch shows it. */
  readonly watchedUid: (node: string) => string | undefined;
  /** Receives each NodeAgent that the API server returns. */
  readonly seen: (agent: unknown) => void;
}

export type AgentObjects = Orders &
  Pick<NodeRecords, 'writeNote'> & {
    read(node: string): Promise<unknown>;
    claim(): Promise<{ readonly ok: true } | { readonly ok: false; readonly other: string }>;
  };

const maxAttempts = 6;

/** The first other installation. A NodeAgent that was created by hand names none. */
export function otherThan(
  namespace: string,
  installations: Iterable<string | undefined>,
): string | undefined {
  for (const installation of installations)
    if (installation !== undefined && installation !== namespace) return installation;
  return undefined;
}

const foreign = (node: string, other: string): PortError =>
  new PortError(
    'cluster-refused',
    `NodeAgent ${node} belongs to the Tugboot of namespace ${other}. Remove that installation and its NodeAgents first.`,
    { retryable: false },
  );

// Garbage collection deletes the NodeAgent with its Node. The owner may be cluster-scoped, since a NodeAgent
// is cluster-scoped as well.
const ownerReferences = (node: Pick<NodeView, 'name' | 'uid'>): readonly unknown[] => [
  { apiVersion: 'v1', kind: 'Node', name: node.name, uid: node.uid },
];

class KubeAgentObjects implements AgentObjects {
  readonly #deps: AgentObjectsDeps;

  constructor(deps: AgentObjectsDeps) {
    this.#deps = deps;
  }

  async read(node: string): Promise<unknown> {
    const answer = await this.#deps.client.send({ method: 'GET', path: paths.agent(node) });
    if (!answer.ok && answer.status.code === 404) return undefined;
    const agent = bodyOrThrow(answer, `reading NodeAgent ${node}`);
    this.#deps.seen(agent);
    return agent;
  }

  async ensureAgent(node: Pick<NodeView, 'name' | 'uid'>): Promise<'created' | 'exists' | 'node-gone'> {
    const seen = this.#deps.watched(node.name);
    if (this.#isOurs(seen?.owner, node)) return 'exists';
    // Creates without a read before, since thousands are created at a first start. An existing one is
    // reported by the creation, and one for a deleted Node is garbage-collected with its owner.
    const isNew = seen === undefined && this.#deps.watchedUid(node.name) === node.uid;
    if (isNew && (await this.#create(node)) === 'created') return 'created';
    return this.#ensure(node);
  }

  async #ensure(node: Pick<NodeView, 'name' | 'uid'>): Promise<'created' | 'exists' | 'node-gone'> {
    const agent = await this.read(node.name);
    if (this.#isOurs(agent === undefined ? undefined : ownerOf(agent), node)) return 'exists';
    const current = await this.#deps.readNode(node.name);
    if (current === undefined || nodeView(current).uid !== node.uid) return 'node-gone';
    return agent === undefined ? this.#create(node) : this.#adopt(node, agent);
  }

  async order(
    target: BootTarget,
    still: StillOwed = async () => true,
    anyway = false,
  ): Promise<'ordered' | 'wrong-boot' | 'gone' | 'not-owed'> {
    const machine = { name: target.node, uid: target.uid };
    const wanted = { bootId: target.bootId, anyway };
    for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
      const first = attempt === 1;
      const elsewhere = first && this.#wasJustAt(target) ? undefined : await this.#leftFor(target);
      if (elsewhere !== undefined) return elsewhere;
      const seen = first ? this.#watchedWithout(wanted, machine) : undefined;
      const agent = seen ?? (await this.#readKnown(target.node));
      if (agent === undefined || !this.#isOurs(agent.owner, machine)) await this.#ensure(machine);
      else if (hasOrder(agent, wanted)) return 'ordered';
      else if (!(await still(agent.version))) return 'not-owed';
      else if (await this.#patch(target.node, orderPatch(agent, wanted, this.#deps.namespace)))
        return 'ordered';
    }
    throw this.#tooManyConflicts(target.node);
  }

  async withdrawOrder(node: string, only?: string, late?: 'late-too'): Promise<'done' | 'gone'> {
    for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
      const seen = attempt === 1 ? this.#watchedWith(node, only) : undefined;
      const agent = seen ?? (await this.#readKnown(node));
      if (agent === undefined) return 'gone';
      const patch = this.#withdrawal(agent, only, late);
      if (patch === undefined || (await this.#patch(node, patch))) return 'done';
    }
    throw this.#tooManyConflicts(node);
  }

  /** Undefined where nothing is to be written. */
  #withdrawal(
    agent: KnownAgent,
    only: string | undefined,
    late: 'late-too' | undefined,
  ): JsonPatch | undefined {
    const { endBoot, owner } = agent;
    if (endBoot !== undefined)
      return only === undefined || endBoot === only ? withdrawPatch(agent) : undefined;
    // A NodeAgent without an owner needs no such patch: an order for it first takes ownership, in another
    // write.
    return late === undefined || owner.installation === undefined ? undefined : refuseLatePatch(agent);
  }

  async #readKnown(node: string): Promise<KnownAgent | undefined> {
    const agent = await this.read(node);
    return agent === undefined ? undefined : knownAgent(agent);
  }

  /** As this process has just read or written the node. An order is void on one that has booted since. */
  #wasJustAt(target: BootTarget): boolean {
    const node = this.#deps.recentNode(target.node);
    return node !== undefined && isAtBoot(nodeView(node), target);
  }

  /** Undefined while the node is the target machine, at the target boot. */
  async #leftFor(target: BootTarget): Promise<'gone' | 'wrong-boot' | undefined> {
    const node = await this.#deps.readNode(target.node);
    if (node === undefined) return 'gone';
    const view = nodeView(node);
    if (view.uid !== target.uid) return 'gone';
    return view.bootId === target.bootId ? undefined : 'wrong-boot';
  }

  /**
   * Our NodeAgent as the watch shows it, if it lacks the order. The version in the patch confirms it; that
   * the order is there already always rests on a fresh read.
   */
  #watchedWithout(order: Order, machine: Pick<NodeView, 'name' | 'uid'>): KnownAgent | undefined {
    const agent = this.#deps.watched(machine.name);
    if (agent?.version === undefined || agent.endBoot === order.bootId) return undefined;
    return this.#isOurs(agent.owner, machine) ? agent : undefined;
  }

  /**
   * The NodeAgent as the watch shows it, if it has the order. The patch tests the order; that there is none
   * always rests on a fresh read.
   */
  #watchedWith(node: string, only: string | undefined): KnownAgent | undefined {
    const agent = this.#deps.watched(node);
    if (agent?.endBoot === undefined || agent.uid === undefined) return undefined;
    return only === undefined || agent.endBoot === only ? agent : undefined;
  }

  async writeNote(
    node: string,
    was: NodeNote | undefined,
    next: NodeNote | undefined,
    topic: NoteTopic = 'unknownSignals',
  ): Promise<'done' | 'conflict' | 'gone'> {
    const { key } = nodeContract[topic];
    const agent = await this.read(node);
    if (agent === undefined) return 'gone';
    if (!isDeepStrictEqual(noteOf(agent, topic), was)) return 'conflict';
    const before = (at(agent, 'metadata', 'annotations') ?? {}) as Readonly<Record<string, unknown>>;
    const { [key]: _, ...others } = before;
    const annotations = next === undefined ? others : { ...others, [key]: JSON.stringify(next) };
    const patch: JsonPatch = [
      { op: 'test', path: '/metadata/uid', value: textAt(agent, 'metadata', 'uid') },
      { op: 'test', path: '/metadata/resourceVersion', value: textAt(agent, 'metadata', 'resourceVersion') },
      { op: 'add', path: '/metadata/annotations', value: annotations },
    ];
    return (await this.#patch(node, patch)) ? 'done' : 'conflict';
  }

  async claim(): Promise<{ readonly ok: true } | { readonly ok: false; readonly other: string }> {
    const { items } = await listAll(
      this.#deps.client,
      { path: paths.agents },
      (agent) => ownerOf(agent).installation,
    );
    const other = otherThan(this.#deps.namespace, items);
    return other === undefined ? { ok: true } : { ok: false, other };
  }

  #isOurs(owner: AgentOwner | undefined, node: Pick<NodeView, 'name' | 'uid'>): boolean {
    if (owner?.installation !== undefined && owner.installation !== this.#deps.namespace)
      throw foreign(node.name, owner.installation);
    return owner?.installation !== undefined && owner.nodeUid === node.uid;
  }

  async #create(node: Pick<NodeView, 'name' | 'uid'>): Promise<'created' | 'exists'> {
    const { client, namespace, seen } = this.#deps;
    const body = {
      apiVersion: ownApiVersion,
      kind: 'NodeAgent',
      metadata: {
        name: node.name,
        annotations: { [installationKey]: namespace },
        ownerReferences: ownerReferences(node),
      },
      spec: {},
    };
    const answer = await client.send({ method: 'POST', path: paths.agents, body });
    if (!answer.ok && answer.status.code === 409) return 'exists';
    const missing = answer.ok ? undefined : definitionMissing(answer.status, paths.agents);
    if (missing) throw missing;
    seen(bodyOrThrow(answer, `creating NodeAgent ${node.name}`));
    return 'created';
  }

  /** Takes ownership of a NodeAgent that was created by hand, or for an earlier machine of the same name. */
  async #adopt(node: Pick<NodeView, 'name' | 'uid'>, agent: unknown): Promise<'exists'> {
    const annotations = {
      ...(at(agent, 'metadata', 'annotations') as object | undefined),
      [installationKey]: this.#deps.namespace,
    };
    const patch: JsonPatch = [
      { op: 'test', path: '/metadata/uid', value: textAt(agent, 'metadata', 'uid') },
      { op: 'test', path: '/metadata/resourceVersion', value: textAt(agent, 'metadata', 'resourceVersion') },
      { op: 'add', path: '/metadata/annotations', value: annotations },
      { op: 'add', path: '/metadata/ownerReferences', value: ownerReferences(node) },
      // An order of the earlier machine is void on this one, but it would look valid to people.
      { op: 'add', path: '/spec', value: {} },
    ];
    if (await this.#patch(node.name, patch)) return 'exists';
    throw this.#tooManyConflicts(node.name);
  }

  /** False when a precondition failed. */
  async #patch(node: string, patch: JsonPatch): Promise<boolean> {
    const answer = await this.#deps.client.send({
      method: 'PATCH',
      path: paths.agent(node),
      patch: 'json',
      body: patch,
    });
    if (answer.ok) {
      this.#deps.seen(answer.body);
      return true;
    }
    if ([404, 409, 422].includes(answer.status.code)) return false;
    throw unexpectedStatus(answer.status, `writing NodeAgent ${node}`);
  }

  #tooManyConflicts(node: string): PortError {
    return new PortError('conflict', `NodeAgent ${node} kept changing while it was written.`, {
      retryable: true,
    });
  }
}

export const agentObjects = (deps: AgentObjectsDeps): AgentObjects => new KubeAgentObjects(deps);
