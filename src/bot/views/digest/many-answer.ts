/** The private answer to a decision for many nodes. */
import type { ManyResult } from '../../../reboot/ports/decisions/many-decisions.ts';
import { lines, message, type MessageView } from '../../blocks/blocks.ts';
import { joined, say, type Mrkdwn } from '../../blocks/escape.ts';
import { counted } from '../phrases.ts';
import { doneOn } from './many-words.ts';

const mostRefusals = 5;

export function manyAnswer(result: Extract<ManyResult, { ok: true }>): MessageView {
  const { repeated, delayed, approvalsMissing: missing, nodes } = result;
  const said = [
    repeated ? say`You have decided that already a moment ago: ${done(result)}` : done(result),
    ...(missing > 0 && nodes > 0
      ? [say`Each of them needs ${counted(missing, 'more approval', 'more approvals')}.`]
      : []),
    ...refusals(result),
    ...(delayed === undefined ? [] : [say`${delayed}`]),
  ];
  return message(joined(said, ' '), lines(said));
}

function done({ nodes, pool, request }: Extract<ManyResult, { ok: true }>): Mrkdwn {
  const of = pool === undefined ? '' : ` of pool ${pool}`;
  return doneOn(request, `${counted(nodes, 'node')}${of}`);
}

function refusals({ refused, refusals: first }: Extract<ManyResult, { ok: true }>): readonly Mrkdwn[] {
  if (refused === 0) return [];
  const shown = first.slice(0, mostRefusals).map(({ node, sentence }) => say`• ${node}: ${sentence}`);
  const rest = refused - shown.length;
  return [say`Not on ${counted(refused, 'node')}:`, ...shown, ...(rest > 0 ? [say`and ${rest} more`] : [])];
}
