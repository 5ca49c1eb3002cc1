/** The notice about nodes with unreadable signals or silent agents, or with another rebooter. */
import type { UnknownSignalNotice, Notice, RebooterNotice } from '../../reboot/nodes/node-note.ts';
import { switchOff } from '../../reboot/nodes/other-rebooters.ts';
import { inWords, minute } from '../../reboot/time/time.ts';
import { context, header, lines, message, type MessageView } from '../blocks/blocks.ts';
import { type Mrkdwn, say } from '../blocks/escape.ts';
import { icons, namesInWords } from './phrases.ts';

const mostNames = 10;

export function notice(data: Notice): MessageView {
  const { cluster, pool } = data;
  const { title, body, said } =
    data.topic === 'unknownSignals' ? unknownSignalParts(data) : rebooterParts(data);
  return message(say`${title} · ${cluster}\n${body[0]}`, [
    header(title),
    context(say`${cluster} · pool ${pool}`),
    ...lines(body),
    context(said),
  ]);
}

interface Parts {
  readonly title: string;
  readonly body: readonly [Mrkdwn, ...Mrkdwn[]];
  readonly said: Mrkdwn;
}

function unknownSignalParts(data: UnknownSignalNotice): Parts {
  const { nodes, signals } = data;
  const title = signals.length === 0 ? silentTitle(nodes) : unreadableTitle(nodes);
  return {
    title: `${icons.failed} ${title}`,
    body: signals.length === 0 ? silent(data) : unreadable(data),
    said: say`Said once, until all was well in between.`,
  };
}

function rebooterParts({ nodes, rebooters, reason }: RebooterNotice): Parts {
  const one = nodes.length === 1;
  return {
    title: `${icons.failed} ${one ? `${nodes[0]} has another rebooter` : `${nodes.length} nodes have another rebooter`}`,
    body: [
      say`Something beside Tugboot may reboot ${namesInWords(nodes, mostNames)}, without a decision and without a drain. ${one ? 'Seen there' : `Seen on ${nodes[0]}`}: ${reason}.`,
      ...rebooters.map((name) => say`${switchOff(name)}`),
    ],
    said: say`Said once. _/reboot status_ shows it for as long as it is so.`,
  };
}

const silentTitle = (nodes: Notice['nodes']): string =>
  nodes.length === 1
    ? `The agent of ${nodes[0]} is silent`
    : `The agents of ${nodes.length} nodes are silent`;

const unreadableTitle = (nodes: Notice['nodes']): string =>
  nodes.length === 1
    ? `${nodes[0]} cannot tell whether it needs a reboot`
    : `${nodes.length} nodes cannot tell whether they need a reboot`;

/** Rounded down to minutes: the check does not run at the exact second. */
const lasted = (duration: number): string =>
  inWords(duration < minute ? duration : duration - (duration % minute));

const silent = ({ nodes, reason, ...data }: UnknownSignalNotice) => {
  const [are, theirs] = nodes.length === 1 ? ['is', 'its agent'] : ['are', 'their agents'];
  return [
    say`${namesInWords(nodes, mostNames)} ${are} Ready. For ${lasted(data.lasted)} nothing could be learned from ${theirs}: ${reason}.`,
    say`Whether ${they(nodes)} a reboot is not seen, and none can be carried out there. Look at the agent's pod on ${nodes.length === 1 ? 'the node' : 'these nodes'}; _kubectl get nodeagents_ shows who has reported.`,
  ] as const;
};

const unreadable = ({ nodes, signals, reason, ...data }: UnknownSignalNotice) =>
  [
    say`${signals.length === 1 ? 'Signal' : 'Signals'} ${namesInWords(signals, mostNames)} cannot be read for ${lasted(data.lasted)} on ${namesInWords(nodes, mostNames)}. ${nodes.length === 1 ? 'Why' : `Why, on ${nodes[0]}`}: ${reason}.`,
    say`Other signals still count. The agent's log on the node says more.`,
  ] as const;

const they = (nodes: Notice['nodes']): string => (nodes.length === 1 ? 'it needs' : 'they need');
