/** A rollout in stages: its message, edited in place, and the same lines in `/reboot status`. */
import type { Button } from '@slack/types';
import type { Approvers } from '../../../reboot/policy/policy.ts';
import type { RolloutView } from '../../../reboot/rollout/rollout-facts.ts';
import { inWords } from '../../../reboot/time/time.ts';
import { standingOf } from '../../../reboot/words/words.ts';
import { actions, button, context, header, lines, message, type MessageView } from '../../blocks/blocks.ts';
import { groupMention, joined, say, some, when, type Mrkdwn } from '../../blocks/escape.ts';
import {
  atTimestamp,
  bar,
  by,
  byRisk,
  counted,
  icons,
  namesInWords,
  packageName,
  type Icon,
} from '../phrases.ts';

export interface RolloutDigest {
  readonly cluster: string;
  readonly unserved?: true;
  /** The name of the Reboot that leads the rollout; a click refers to it. */
  readonly leader: string;
  readonly rollout: RolloutView;
}

export function rolloutDigest(digest: RolloutDigest): MessageView {
  const { cluster, rollout } = digest;
  const title = rolloutTitle(rollout);
  const body = rolloutLines(rollout);
  return message(say`${title} · ${cluster}\n${joined(body.slice(0, 2), ' · ')}`, [
    header(title),
    context(say`${cluster} · pool ${rollout.pool} · began ${when(rollout.beganAt)}`),
    ...lines(body),
    ...actions(buttons(digest)),
    ...(rollout.accepted ? [context(acceptedLine(rollout.accepted))] : []),
  ]);
}

/** Broadcast without its thread, so that it begins with the pool and the cluster. */
export function rolloutHalt({
  cluster,
  rollout,
  approvers,
  sentence,
}: Omit<RolloutDigest, 'leader'> & {
  readonly approvers: Approvers;
  readonly sentence: string;
}): MessageView {
  const people = approvers.kind === 'named' ? approvers.groups.map(groupMention) : [];
  const call = people.length === 0 ? say`` : say` ${some(people, 6)}`;
  const text = say`*${rolloutTitle(rollout)}* · ${cluster}\n${whatHalts(sentence)} The digest offers to go on all the same.${call}`;
  return message(text, lines([text]));
}

const buttons = ({ cluster, leader, unserved, rollout: { pool, halted } }: RolloutDigest): Button[] =>
  halted && !unserved
    ? [
        button({
          label: 'Go on',
          id: 'tugboot.go-on',
          value: { cluster, reboot: leader, node: pool, seen: halted.seen },
          confirm: {
            title: 'Let the rollout go on?',
            text: `The next nodes of pool ${pool} are rebooted although workloads are less ready than before. ${halted.sentence}`,
            confirm: 'Go on',
            deny: 'Keep it halted',
          },
        }),
      ]
    : [];

const acceptedLine = ({ by: who, at: then }: NonNullable<RolloutView['accepted']>): Mrkdwn =>
  say`${who ? by(who) : say`Somebody`} let it go on although workloads were less ready than before · ${atTimestamp(then)}`;

function iconOf({ endedAt, failed, halted, underWay }: RolloutView): Icon {
  if (endedAt !== undefined) return 'done';
  if (failed.length > 0) return 'failed';
  if (halted) return 'paused';
  return underWay.length > 0 ? 'running' : 'waiting';
}

const standings: Readonly<Record<Icon, string>> = {
  done: 'is done',
  failed: 'stands still',
  paused: 'is halted',
  running: 'is under way',
  waiting: 'waits',
};

/** Plain text: the header of a message is not parsed. */
export function rolloutTitle(rollout: RolloutView): string {
  const icon = iconOf(rollout);
  return `${icons[icon]} Rollout in pool ${rollout.pool} ${standings[icon]}`;
}

export function rolloutLines(rollout: RolloutView): readonly Mrkdwn[] {
  const { done, size, endedAt } = rollout;
  const rest = endedAt === undefined ? underWayLines(rollout) : [summary(rollout, endedAt)];
  return [
    say`${bar(done, size)} ${done} of ${counted(size, 'node')} done`,
    ...(whatOf(rollout) ?? []),
    ...rest,
  ];
}

function whatOf({ kernel, packages }: RolloutView): readonly Mrkdwn[] | undefined {
  if (kernel !== undefined) return [say`*Kernel* ${kernel}`];
  return packages.length === 0 ? undefined : [say`*Packages* ${some(byRisk(packages).map(packageName), 3)}`];
}

function underWayLines(rollout: RolloutView): readonly Mrkdwn[] {
  const { underWay, waiting, undecided, failed, leftOut, halted, waitsFor } = rollout;
  return [
    ...stageLines(rollout),
    ...(failed.length === 0
      ? []
      : [
          say`${icons.failed} ${namesInWords(failed)} failed, which halts the pool: retry or skip on the card.`,
        ]),
    ...(halted ? haltedLines(halted) : []),
    ...(underWay.length === 0
      ? []
      : [
          say`${icons.running} ${some(
            underWay.map(({ node, phase }) => say`${node} ${standingOf(phase)}`),
            5,
          )}`,
        ]),
    ...(waitsFor && !halted ? [say`*Waits* ${waitsFor.sentence}`] : []),
    ...(waiting.length === 0 ? [] : [say`*Approved* ${namesInWords(waiting)}`]),
    ...(undecided.length === 0 ? [] : [say`*Not decided* ${namesInWords(undecided)}`]),
    ...leftOutLine(leftOut),
    ...(isQuiet(rollout) ? [say`No other node asks for it now.`] : []),
  ];
}

/** The workloads only, where the halt is mentioned already. */
export const whatHalts = (sentence: string): string => sentence.replace(/^The rollout is halted: /, '');

const haltedLines = ({ sentence }: NonNullable<RolloutView['halted']>): readonly Mrkdwn[] => [
  say`${icons.paused} ${whatHalts(sentence)}`,
  say`It goes on by itself when that is as before. _Go on_ takes it as it is.`,
];

const isQuiet = ({ underWay, waiting, undecided, failed }: RolloutView): boolean =>
  underWay.length + waiting.length + undecided.length + failed.length === 0;

const leftOutLine = (leftOut: readonly string[]): readonly Mrkdwn[] =>
  leftOut.length === 0 ? [] : [say`*Left out* ${namesInWords(leftOut)}: denied, cancelled or given up`];

export function stageLines({
  stage: now,
  stageEnds,
  bakesUntil,
  size,
  pool,
}: RolloutView): readonly Mrkdwn[] {
  const name = (nth: number): string => (nth === 0 ? 'Canary' : `Batch ${nth} of ${stageEnds.length - 1}`);
  const extent = (nth: number): string => {
    const end = stageEnds[nth] ?? size;
    return end === size ? `the rest of pool ${pool}` : `up to ${end} of ${counted(size, 'node')}`;
  };
  if (bakesUntil === undefined) return [say`*${name(now)}* ${extent(now)}`];
  const next = now + 1;
  return [
    say`*${name(now)}* done, and watched until ${when(bakesUntil)}. Then ${name(next).toLowerCase()}: ${extent(next)}.`,
  ];
}

/** The result in one line. */
function summary({ done, beganAt, failures, leftOut }: RolloutView, endedAt: number): Mrkdwn {
  const failed = failures === 0 ? 'none failed' : `${counted(failures, 'node')} failed on the way`;
  const out = leftOut.length === 0 ? say`` : say`, left out: ${namesInWords(leftOut)}`;
  return say`${counted(done, 'node')} in ${inWords(endedAt - beganAt)}, ${failed}${out}. Ended ${when(endedAt)}.`;
}
