/** Decisions by command: on a node at once, on many by a button below their list. */
import type { RebootDecision } from '../../reboot/approval/decision-request.ts';
import { type ManyRequest, requestForOne } from '../../reboot/pool-digest/many-request.ts';
import type { ListAnswer } from '../../reboot/ports/decisions/many-decisions.ts';
import type { Phase, Reboot } from '../../reboot/state/reboot.ts';
import type { MessageView } from '../blocks/blocks.ts';
import { errorSentence } from '../error-sentence.ts';
import { answer, type DecisionOutcome } from '../listeners/interaction-handler.ts';
import { listAnswer } from '../views/answers/list-answer.ts';
import { ambiguous, callerOf, closest, servesNone } from './clusters.ts';
import { together } from './together.ts';
import type { Invocation } from './invocation.ts';

export interface TargetedDecision {
  /** A node, a pool, `all`, or a label selector. */
  readonly target: string;
  readonly request: ManyRequest;
  /** Names the node: it may have been typed by the beginning of its name. */
  readonly confirmation: (node: string) => string;
}

/** Documentation of these: how to do it with kubectl. */
export const noName =
  'no: a Kubernetes object does not say who wrote it, and no reboot happens without a name';

/** Their argument, in help. */
export const targets = 'NODE | POOL | all | SELECTOR';

export async function decideOnTarget(
  decision: TargetedDecision,
  invocation: Invocation,
): Promise<MessageView> {
  const caller = await callerOf(invocation);
  const replies = await Promise.all(
    [...invocation.handler.clusters].map(async ([cluster, decisions]) => ({
      cluster,
      reply: await decisions
        .propose(decision, caller)
        .catch((error: unknown): ListAnswer => ({ ok: false, sentence: errorSentence(error) })),
    })),
  );
  const nodes = replies.flatMap(({ cluster, reply }) =>
    reply.ok && reply.of === 'node' ? [{ ...reply, cluster, name: reply.node }] : [],
  );
  const lists = replies.flatMap(({ cluster, reply }) =>
    reply.ok && reply.of === 'list' ? [{ cluster, name: decision.target, list: reply.list }] : [],
  );
  const meant = closest([...nodes, ...lists], decision.target);
  const node = nodes.find((each) => meant.includes(each));
  if (node !== undefined) {
    if (meant.length === 1) return decideByName(decision, node, invocation);
    return answer(ambiguous(meant, decision.target).sentence);
  }
  const refusals = replies.flatMap(({ reply }) => (reply.ok ? [] : [reply.sentence]));
  return lists.length > 0
    ? together(lists.map(({ list }) => listAnswer(list)))
    : answer(refusals[0] ?? servesNone);
}

interface NamedNode {
  readonly cluster: string;
  readonly node: string;
  readonly channel?: string;
}

async function decideByName(
  { request, confirmation }: TargetedDecision,
  named: NamedNode,
  invocation: Invocation,
): Promise<MessageView> {
  const found = await findReboot(invocation, named, request.kind);
  if (!found.ok) return answer(found.sentence);
  const { reboot } = found;
  const verdict = await decide(invocation, found, requestForOne(request, reboot.need.digest));
  if (!verdict.ok) return answer(verdict.sentence);
  const done = confirmation(reboot.node.name);
  return answer(verdict.delayed === undefined ? done : `${done} ${verdict.delayed}`);
}

type Found =
  | { readonly ok: true; readonly cluster: string; readonly reboot: Reboot }
  | { readonly ok: false; readonly sentence: string };

const over: ReadonlySet<Phase> = new Set(['Succeeded', 'Cancelled', 'Superseded'] as const);
/** A Reboot that ended without a reboot may be asked about again. */
const rebooted: ReadonlySet<Phase> = new Set(['Succeeded'] as const);

async function findReboot(
  { handler, payload }: Invocation,
  { cluster, node, channel }: NamedNode,
  kind: ManyRequest['kind'],
): Promise<Found> {
  const reply = await handler.clusters.get(cluster)?.status(node);
  if (!reply?.ok) return { ok: false, sentence: reply?.sentence ?? servesNone };
  const isOver = (phase: Phase): boolean => (kind === 'ask-again' ? rebooted : over).has(phase);
  const row = reply.status.rows.find(({ reboot, phase }) => reboot.node.name === node && !isOver(phase));
  if (row === undefined) return { ok: false, sentence: `${node} asks for nothing now.` };
  // With `approvers: channel` membership of the card's channel is the permission.
  if ((row.reboot.chat.card?.channel ?? channel) === payload.channel_id)
    return { ok: true, cluster, reboot: row.reboot };
  return {
    ok: false,
    sentence: `Decide about ${node} in the channel that has its card, where others can see it.`,
  };
}

function decide(
  { handler, payload }: Invocation,
  { cluster, reboot }: Extract<Found, { ok: true }>,
  request: RebootDecision,
): Promise<DecisionOutcome> {
  const value = { cluster, reboot: reboot.name, node: reboot.node.name, seen: reboot.need.digest };
  const actor = {
    userId: payload.user_id,
    teamId: payload.team_id,
    origin: { channel: payload.channel_id },
  };
  return handler.decide(value, actor, request);
}
