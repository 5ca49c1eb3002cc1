/** The private answer to a decision for many nodes. */
import type { ManyRequest } from '../../../reboot/pool-digest/many-request.ts';
import type { ManyResult } from '../../../reboot/ports/decisions.ts';
import { lines, message, type MessageView } from '../../blocks.ts';
import { joined, say, when, type Mrkdwn } from '../../escape.ts';
import { counted } from '../phrases.ts';

const mostRefusals = 5;

export function manyAnswer(result: Extract<ManyResult, { ok: true }>, request: ManyRequest): MessageView {
  const { repeated, delayed, approvalsMissing: missing, nodes } = result;
  const said = [
    repeated
      ? say`You have decided that already a moment ago: ${done(result, request)}`
      : done(result, request),
    ...(missing > 0 && nodes > 0
      ? [say`Each of them needs ${counted(missing, 'more approval', 'more approvals')}.`]
      : []),
    ...refusals(result),
    ...(delayed === undefined ? [] : [say`${delayed}`]),
  ];
  return message(joined(said, ' '), lines(said));
}

function done({ nodes, pool }: Extract<ManyResult, { ok: true }>, request: ManyRequest): Mrkdwn {
  const on = `${counted(nodes, 'node')} of pool ${pool}`;
  switch (request.kind) {
    case 'approve': {
      const most = request.atMost === undefined ? '' : `, ${request.atMost} at a time`;
      return say`You approved ${on}, for ${request.mode === 'now' ? 'now' : 'the window'}${most}.`;
    }
    case 'snooze':
      return say`You snoozed ${on} until ${when(request.until)}.`;
    case 'deny':
      return say`You denied ${on}.`;
  }
}

function refusals({ refused, refusals: first }: Extract<ManyResult, { ok: true }>): readonly Mrkdwn[] {
  if (refused === 0) return [];
  const shown = first.slice(0, mostRefusals).map(({ node, sentence }) => say`• ${node}: ${sentence}`);
  const rest = refused - shown.length;
  return [say`Not on ${counted(refused, 'node')}:`, ...shown, ...(rest > 0 ? [say`and ${rest} more`] : [])];
}
