/** `/reboot approve`, `snooze` and `deny`: the decisions of a card, by the node's name. */
import type { DecisionRequest, StatusRow } from '../../reboot/ports/decisions.ts';
import type { Phase } from '../../reboot/state/reboot.ts';
import { isBlank } from '../../reboot/words/text.ts';
import { day, inWords, type Millis } from '../../reboot/ports/time.ts';
import type { MessageView } from '../blocks.ts';
import { help } from '../views/answers/help.ts';
import { answer, type Verdict } from './interaction-handler.ts';
import { durationArgument } from './parse-duration.ts';
import type { Invocation } from './invocation.ts';

export type ParsedDecision =
  | {
      readonly ok: true;
      readonly make: (row: StatusRow) => DecisionRequest;
      readonly confirmation: (node: string) => string;
    }
  | { readonly ok: false; readonly sentence: string };

export async function decideByName(
  invocation: Invocation,
  read: (rest: readonly string[]) => ParsedDecision,
): Promise<MessageView> {
  const [node, ...rest] = invocation.words;
  if (node === undefined) return help(invocation.payload.command);
  const parsed = read(rest);
  if (!parsed.ok) return answer(parsed.sentence);
  const found = await findRow(invocation, node);
  if (!found.ok) return answer(found.sentence);
  const verdict = await decide(invocation, found, parsed.make(found.row));
  if (!verdict.ok) return answer(verdict.sentence);
  return answer(
    [parsed.confirmation(node), ...(verdict.delayed === undefined ? [] : [verdict.delayed])].join(' '),
  );
}

type Found =
  | { readonly ok: true; readonly cluster: string; readonly row: StatusRow }
  | { readonly ok: false; readonly sentence: string };

const endedPhases: ReadonlySet<Phase> = new Set(['Succeeded', 'Cancelled', 'Superseded'] as const);

async function findRow({ handler, payload }: Invocation, node: string): Promise<Found> {
  let sentence = `There is nothing to decide about "${node}".`;
  for (const [cluster, decisions] of handler.clusters) {
    const reply = await decisions.status(node);
    if (!reply.ok) {
      sentence = reply.sentence;
      continue;
    }
    const row = reply.status.rows.find(
      ({ reboot, phase }) => reboot.node.name === node && !endedPhases.has(phase),
    );
    if (row === undefined) sentence = `${node} asks for nothing now.`;
    else return where(row, cluster, payload.channel_id);
  }
  return { ok: false, sentence };
}

/**
 * With `approvers: channel` membership of the card's channel is the permission, so that the command works
 * only in that channel.
 */
function where(row: StatusRow, cluster: string, channel: string): Found {
  const card = row.reboot.chat.card;
  if (card?.channel === channel) return { ok: true, cluster, row };
  return {
    ok: false,
    sentence: `Decide about ${row.reboot.node.name} in the channel that has its card, where others can see it.`,
  };
}

function decide(
  { handler, payload }: Invocation,
  { cluster, row }: Extract<Found, { ok: true }>,
  request: DecisionRequest,
): Promise<Verdict> {
  const { reboot } = row;
  const value = { cluster, reboot: reboot.name, node: reboot.node.name, digest: reboot.need.digest };
  const actor = {
    userId: payload.user_id,
    teamId: payload.team_id,
    origin: { channel: payload.channel_id },
  };
  return handler.decide(value, actor, request);
}

export function approval(mode: string | undefined): ParsedDecision {
  if (mode !== undefined && mode !== 'now' && mode !== 'window') {
    return { ok: false, sentence: `Approve for what? Type "now" or "window" after the node, not "${mode}".` };
  }
  const chosen = mode ?? 'now';
  const make = ({ reboot }: StatusRow): DecisionRequest => ({
    kind: 'approve',
    mode: chosen,
    digest: reboot.need.digest,
  });
  const wished = chosen === 'now' ? 'to reboot now' : 'for the window';
  // More approvals may be needed: the card shows them.
  return {
    ok: true,
    make,
    confirmation: (node) => `You approved ${node}, ${wished}. Its card says what happens next.`,
  };
}

/** A longer snooze would be forgotten. */
const maxSnooze: Millis = 30 * day;

export function snoozing(span: string | undefined, now: number): ParsedDecision {
  const length = durationArgument(span ?? '4h');
  if (length === undefined)
    return { ok: false, sentence: `"${span}" is no span. Spans look like 30m, 4h, 1h30m or 2d.` };
  if (length > maxSnooze) {
    const sentence = `${span} is too long: a reboot can be snoozed for ${inWords(maxSnooze)} at most. If it is not to happen at all, deny it.`;
    return { ok: false, sentence };
  }
  const until = now + length;
  return {
    ok: true,
    make: () => ({ kind: 'snooze', until }),
    confirmation: (node) => `${node} asks again in ${inWords(until - now)}.`,
  };
}

export const denial = (reason: string): ParsedDecision =>
  isBlank(reason)
    ? { ok: false, sentence: 'Say why after the node: others will ask.' }
    : {
        ok: true,
        make: () => ({ kind: 'deny', reason }),
        confirmation: (node) => `You denied the reboot of ${node}.`,
      };
