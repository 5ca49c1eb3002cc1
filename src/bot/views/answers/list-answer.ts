/** The private answer to a decision by command on many nodes: on which, on which not, and the button. */
import type { ListView } from '../../../reboot/ports/decisions/many-decisions.ts';
import { actions, button, context, lines, message, type MessageView } from '../../blocks/blocks.ts';
import { joined, say, some, when, type Mrkdwn } from '../../blocks/escape.ts';
import { kernelsOn, packagesOn } from '../digest/digest-asks.ts';
import { actOn, untilWords } from '../digest/many-words.ts';
import { counted, icons, ticketsOf } from '../phrases.ts';

export function listAnswer(list: ListView): MessageView {
  const { cluster, request, nodes, id } = list;
  const act = actOn(request, nodes);
  const until = request.kind === 'snooze' ? say` ${untilWords(request.until)}` : say``;
  const given = request.kind === 'approve' ? ticketsOf([request]) : say``;
  const title = say`*${icons.waiting} ${act}*${until}${given} · ${cluster}`;
  return message(title, [
    ...lines([title, nodesLine(list), needLine(list), ...notLines(list), approvalsLine(list)]),
    ...actions([
      button({
        label: act,
        id: 'tugboot.list.decide',
        value: { cluster, list: id },
        style: request.kind === 'approve' ? 'primary' : 'danger',
      }),
    ]),
    context(
      say`Nothing is decided yet. The button decides on exactly these ${counted(nodes, 'node')}, with the packages of now, until ${when(list.validUntil)}.`,
    ),
  ]);
}

function nodesLine({ first, nodes, pools }: ListView): Mrkdwn {
  const named = some(
    first.map((node) => say`${node}`),
    10,
    nodes - first.length,
  );
  const of = pools.map(({ pool, nodes: count }) =>
    pools.length === 1 ? say`pool ${pool}` : say`${count} of pool ${pool}`,
  );
  return say`*Nodes* ${named} (${some(of, 5)})`;
}

function needLine({ packages, morePackages, kernels, nodes }: ListView): Mrkdwn | undefined {
  const parts = [
    packagesOn({ packages, morePackages }, nodes),
    kernels.length === 0 ? undefined : say`kernel ${kernelsOn(kernels, nodes)}`,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : say`*Packages* ${joined(parts, ' · ')}`;
}

const notLines = ({ not }: ListView): readonly Mrkdwn[] =>
  not.map(({ sentence, nodes, first }) => {
    const who = some(
      first.map((node) => say`${node}`),
      3,
      nodes - first.length,
    );
    return say`*Not* ${who}: ${sentence}`;
  });

const approvalsLine = ({ approvalsMissing }: ListView): Mrkdwn | undefined =>
  approvalsMissing === 0
    ? undefined
    : say`After yours, each still needs ${counted(approvalsMissing, 'approval')} of others.`;
