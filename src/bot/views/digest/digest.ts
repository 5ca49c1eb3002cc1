/** The message of a pool digest: many nodes of a pool in one place, edited in place. */
import type { PoolDigestData } from '../../../reboot/pool-digest/message/digest-facts.ts';
import { actions, context, divider, header, lines, message, type MessageView } from '../../blocks/blocks.ts';
import { joined, say, when, type Mrkdwn } from '../../blocks/escape.ts';
import type { LinkTo } from '../answers/status-rows.ts';
import { clusterLabel, noLongerServed } from '../cluster-label.ts';
import { mayApprove } from '../phrases.ts';
import { askLines, packageLine } from './digest-asks.ts';
import { digestButtons, digestFurtherButtons } from './digest-buttons.ts';
import { digestTitle } from './digest-headline.ts';
import { decisionLines, progressLines, sumLine } from './digest-progress.ts';
import { digestTable } from './digest-table.ts';

export function digest(data: PoolDigestData, linkTo: LinkTo = () => undefined): MessageView {
  const title = digestTitle(data);
  const progress = data.closedAt === undefined ? progressLines(data, linkTo) : [sumLine(data, data.closedAt)];
  const asks = data.closedAt === undefined ? askLines(data) : [];
  const shared = packageLine(data);
  const said = [...(shared === undefined ? [] : [shared]), ...progress, ...asks].slice(0, 4);
  return message(say`${title} · ${clusterLabel(data)}\n${joined(said, '\n')}`, [
    header(title),
    context(contextLine(data)),
    ...lines(progress),
    ...(progress.length > 0 && asks.length > 0 ? [divider] : []),
    ...lines(asks),
    ...digestTable(data),
    ...actions(digestButtons(data)),
    ...actions(digestFurtherButtons(data)),
    ...footer(data),
  ]);
}

function contextLine(data: PoolDigestData): Mrkdwn {
  const shared = packageLine(data);
  const asked = say`first asked ${when(data.firstAskedAt, 'ago')}`;
  return joined([say`${clusterLabel(data)}`, ...(shared === undefined ? [] : [shared]), asked], ' · ');
}

function footer(data: PoolDigestData) {
  if (data.unserved) return [context(noLongerServed(data))];
  const { approvers, approvalsNeeded: needed, counts, closedAt } = data;
  const asking = closedAt === undefined && counts.asking > 0;
  const many = needed > 1 && approvers.kind !== 'nobody' ? say` (${needed} for each node)` : say``;
  const said = [
    ...decisionLines(data),
    ...aloneLine(data),
    ...(asking ? [say`${mayApprove(approvers)}${many}`] : []),
  ];
  return said.length === 0 ? [] : [context(...said)];
}

const aloneLine = ({ alone }: PoolDigestData): readonly Mrkdwn[] =>
  alone === 0
    ? []
    : [say`${alone} more ${alone === 1 ? 'is decided on its own card' : 'are decided on their own cards'}.`];
