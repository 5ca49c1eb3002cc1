/** A message of its own: nodes about which something cannot be known. */
import type { Notice } from '../../reboot/ports.ts';
import { inWords, minute } from '../../reboot/time.ts';
import { context, header, lines, message, type MessageView } from '../blocks.ts';
import { say } from '../escape.ts';
import { marks, names } from './words.ts';

const mostNames = 10;

export function notice(data: Notice): MessageView {
  const { cluster, pool, nodes, signals } = data;
  const title = `${marks.failed} ${signals.length === 0 ? silentTitle(nodes) : unreadableTitle(nodes)}`;
  const body = signals.length === 0 ? silent(data) : unreadable(data);
  return message(say`${title} · ${cluster}\n${body[0]}`, [
    header(title),
    context(say`${cluster} · pool ${pool}`),
    ...lines(body),
    context(say`Said once, until all was well in between.`),
  ]);
}

const silentTitle = (nodes: Notice['nodes']): string =>
  nodes.length === 1
    ? `The agent of ${nodes[0]} is silent`
    : `The agents of ${nodes.length} nodes are silent`;

const unreadableTitle = (nodes: Notice['nodes']): string =>
  nodes.length === 1
    ? `${nodes[0]} cannot tell whether it needs a reboot`
    : `${nodes.length} nodes cannot tell whether they need a reboot`;

/** Whole minutes: nobody looked at the very second. */
const lasted = (span: number): string => inWords(span < minute ? span : span - (span % minute));

const silent = ({ nodes, reason, ...data }: Notice) => {
  const [are, theirs] = nodes.length === 1 ? ['is', 'its agent'] : ['are', 'their agents'];
  return [
    say`${names(nodes, mostNames)} ${are} Ready. For ${lasted(data.lasted)} nothing could be learned from ${theirs}: ${reason}.`,
    say`Whether ${they(nodes)} a reboot is not seen, and none can be carried out there. Look at the agent's pod on ${nodes.length === 1 ? 'the node' : 'these nodes'}; _kubectl get nodeagents_ shows who has reported.`,
  ] as const;
};

const unreadable = ({ nodes, signals, reason, ...data }: Notice) =>
  [
    say`${signals.length === 1 ? 'Signal' : 'Signals'} ${names(signals, mostNames)} cannot be read for ${lasted(data.lasted)} on ${names(nodes, mostNames)}. ${nodes.length === 1 ? 'Why' : `Why, on ${nodes[0]}`}: ${reason}.`,
    say`Other signals still count. The agent's log on the node says more.`,
  ] as const;

const they = (nodes: Notice['nodes']): string => (nodes.length === 1 ? 'it needs' : 'they need');
