/** The decisions of a card, by the node's name: `/reboot approve`, `snooze` and `deny`. */
import type { DecisionRequest } from '../../reboot/approval/decision-request.ts';
import type { Phase, Reboot } from '../../reboot/state/reboot.ts';
import type { MessageView } from '../blocks.ts';
import { answer, type DecisionOutcome } from '../listeners/interaction-handler.ts';
import type { Invocation } from './invocation.ts';

export interface DecisionByName {
  readonly node: string;
  readonly requestFor: (reboot: Reboot) => DecisionRequest;
  /** Names the node: it may have been typed by the beginning of its name. */
  readonly confirmation: (node: string) => string;
}

/** Documentation of these three: how to do it with kubectl. */
export const noName =
  'no: a Kubernetes object does not say who wrote it, and no reboot happens without a name';

export async function decideByName(
  { node, requestFor, confirmation }: DecisionByName,
  invocation: Invocation,
): Promise<MessageView> {
  const found = await findReboot(invocation, node);
  if (!found.ok) return answer(found.sentence);
  const verdict = await decide(invocation, found, requestFor(found.reboot));
  if (!verdict.ok) return answer(verdict.sentence);
  const done = confirmation(found.reboot.node.name);
  return answer(verdict.delayed === undefined ? done : `${done} ${verdict.delayed}`);
}

type Found =
  | { readonly ok: true; readonly cluster: string; readonly reboot: Reboot }
  | { readonly ok: false; readonly sentence: string };

const endedPhases: ReadonlySet<Phase> = new Set(['Succeeded', 'Cancelled', 'Superseded'] as const);

async function findReboot({ handler, payload }: Invocation, node: string): Promise<Found> {
  let sentence = `There is nothing to decide about "${node}".`;
  for (const [cluster, decisions] of handler.clusters) {
    const reply = await decisions.status(node);
    if (!reply.ok) {
      sentence = reply.sentence;
      continue;
    }
    const name = reply.status.of ?? node;
    const row = reply.status.rows.find(
      ({ reboot, phase }) => reboot.node.name === name && !endedPhases.has(phase),
    );
    if (row === undefined) sentence = `${name} asks for nothing now.`;
    else return where(row.reboot, cluster, payload.channel_id);
  }
  return { ok: false, sentence };
}

/**
 * With `approvers: channel` membership of the card's channel is the permission, so that the command works
 * only in that channel.
 */
function where(reboot: Reboot, cluster: string, channel: string): Found {
  if (reboot.chat.card?.channel === channel) return { ok: true, cluster, reboot };
  return {
    ok: false,
    sentence: `Decide about ${reboot.node.name} in the channel that has its card, where others can see it.`,
  };
}

function decide(
  { handler, payload }: Invocation,
  { cluster, reboot }: Extract<Found, { ok: true }>,
  request: DecisionRequest,
): Promise<DecisionOutcome> {
  const value = { cluster, reboot: reboot.name, node: reboot.node.name, digest: reboot.need.digest };
  const actor = {
    userId: payload.user_id,
    teamId: payload.team_id,
    origin: { channel: payload.channel_id },
  };
  return handler.decide(value, actor, request);
}
