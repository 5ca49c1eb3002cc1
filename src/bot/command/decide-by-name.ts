/** Decisions that are typed: on a node at once, on many by a button below their list. */
import type { RebootDecision } from '../../reboot/approval/decision-request.ts';
import { type ManyRequest, requestForOne } from '../../reboot/pool-digest/many-request.ts';
import type { ListAnswer } from '../../reboot/ports/many-decisions.ts';
import type { Phase, Reboot } from '../../reboot/state/reboot.ts';
import { message, type MessageView } from '../blocks.ts';
import { joined, say } from '../escape.ts';
import { answer, type DecisionOutcome } from '../listeners/interaction-handler.ts';
import { listAnswer } from '../views/answers/list-answer.ts';
import { callerOf, servesNone } from './clusters.ts';
import type { Invocation } from './invocation.ts';

export interface TypedDecision {
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

type Accepted = Extract<ListAnswer, { ok: true }>;

export async function decideTyped(typed: TypedDecision, invocation: Invocation): Promise<MessageView> {
  const accepted: (readonly [string, Accepted])[] = [];
  let sentence = servesNone;
  const caller = await callerOf(invocation);
  for (const [cluster, decisions] of invocation.handler.clusters) {
    const reply = await decisions.propose(typed, caller);
    if (reply.ok) accepted.push([cluster, reply]);
    else sentence = reply.sentence;
  }
  const [first] = accepted;
  if (first === undefined) return answer(sentence);
  const views: MessageView[] = [];
  for (const [cluster, reply] of accepted) {
    if (reply.of === 'list') views.push(listAnswer(reply.list));
    else return decideByName(typed, { cluster, ...reply }, invocation);
  }
  const [only] = views;
  if (views.length === 1 && only) return only;
  return message(
    joined([say`${views.length} clusters`], ''),
    views.flatMap(({ blocks }) => blocks),
  );
}

interface NamedNode {
  readonly cluster: string;
  readonly node: string;
  readonly channel?: string;
}

async function decideByName(
  { request, confirmation }: TypedDecision,
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
/** What is asked about again may have ended without a reboot. */
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
  const value = { cluster, reboot: reboot.name, node: reboot.node.name, digest: reboot.need.digest };
  const actor = {
    userId: payload.user_id,
    teamId: payload.team_id,
    origin: { channel: payload.channel_id },
  };
  return handler.decide(value, actor, request);
}
