import { PortError } from '../../reboot/ports/port-error.ts';
import type { KubeClient } from '../api/client.ts';
import { unexpectedStatus } from '../api/kube-status.ts';
import { textAt } from '../api/json-value.ts';
import { type NamedObject, objectNameOf } from '../api/object-names.ts';
import { listAll } from '../api/pages.ts';
import { paths } from '../api/paths.ts';
import { type KnownAgent, knownAgent, withdrawPatch } from '../nodes/agent-order.ts';

export interface OwnAgent {
  readonly node: string;
  readonly known: KnownAgent;
  /** The boot that the agent has asked its host to end. */
  readonly obeyed?: string;
}

interface Deps {
  readonly client: KubeClient;
  readonly namespace: string;
}

type OwnAgents =
  | { readonly ok: true; readonly own: readonly OwnAgent[] }
  | { readonly ok: false; readonly problem: string };

const ownAgent = (object: NamedObject): OwnAgent => {
  const obeys = textAt(object, 'status', 'order', 'state') === 'obeying';
  const obeyed = obeys ? textAt(object, 'status', 'order', 'endBoot') : undefined;
  const node = objectNameOf(object);
  return { node, known: knownAgent(object), ...(obeyed === undefined ? {} : { obeyed }) };
};

/** The NodeAgents of the cluster, which must be of this installation. */
export async function ownAgents({ client, namespace }: Deps): Promise<OwnAgents> {
  const agents = await listAgents(client);
  const other = agents.find(({ known: { owner } }) => (owner.installation ?? namespace) !== namespace);
  if (other === undefined) return { ok: true, own: agents };
  const problem =
    `NodeAgent ${other.node} belongs to the Tugboot of namespace ${other.known.owner.installation ?? ''}, and this is namespace ${namespace}. ` +
    'Nothing was changed. Run this in that namespace, or remove the NodeAgents that it has left.';
  return { ok: false, problem };
}

/** Without the definition there is no NodeAgent. */
async function listAgents(client: KubeClient): Promise<readonly OwnAgent[]> {
  try {
    return (await listAll(client, { path: paths.agents }, ownAgent)).items;
  } catch (error) {
    if (error instanceof PortError && error.code === 'definition-missing') return [];
    throw error;
  }
}

/** After this no agent asks its host for a reboot: it reads its order again before it does. */
export async function withdrawOrders({ client }: Deps, agents: readonly OwnAgent[]): Promise<void> {
  for (const { node, known } of agents) {
    if (known.endBoot === undefined) continue;
    const body = withdrawPatch(known);
    const answer = await client.send({ method: 'PATCH', path: paths.agent(node), patch: 'json', body });
    // 422: it has been withdrawn meanwhile; the bot, which alone gives orders, has ended.
    if (!answer.ok && ![404, 422].includes(answer.status.code))
      throw unexpectedStatus(answer.status, `withdrawing the order of node ${node}`);
  }
}

export async function removeAgents({ client }: Deps, agents: readonly OwnAgent[]): Promise<void> {
  for (const { node, known } of agents) {
    const body = known.uid === undefined ? undefined : { preconditions: { uid: known.uid } };
    const answer = await client.send({ method: 'DELETE', path: paths.agent(node), body });
    // 409: another object has the name now.
    if (!answer.ok && ![404, 409].includes(answer.status.code))
      throw unexpectedStatus(answer.status, `deleting NodeAgent ${node}`);
  }
}
