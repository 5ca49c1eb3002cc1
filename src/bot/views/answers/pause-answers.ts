/** The answers to `/reboot pause` and `/reboot resume`. */
import type { PauseAnswer, ResumeAnswer } from '../../../reboot/ports/decisions/decisions.ts';
import {
  type Pause,
  pauseSentence,
  type PauseScope,
  scopeName,
} from '../../../reboot/scheduling/snapshot/pauses.ts';
import { lines, message, type MessageView } from '../../blocks/blocks.ts';
import { type Mrkdwn, say, some } from '../../blocks/escape.ts';
import { whatHalts } from '../card/rollout-digest.ts';
import { atTimestamp, icons } from '../phrases.ts';

const target = (scope: PauseScope): string =>
  scope.kind === 'cluster' ? 'cluster' : scope.kind === 'pool' ? scope.pool : scope.node;

export function pausedAnswer(
  { pause, underWay }: Extract<PauseAnswer, { ok: true }>,
  command: string,
): MessageView {
  const until =
    pause.until === undefined ? say`until somebody resumes` : say`until ${atTimestamp(pause.until)}`;
  const text = say`${icons.paused} ${scopeName(pause.scope)} is paused ${until}. No reboot starts there.`;
  const running =
    underWay.length === 0
      ? undefined
      : say`Under way, and finished: ${some(
          underWay.map((node) => say`${node}`),
          10,
        )}. A drain can be cancelled on its card.`;
  const why = pause.reason === undefined ? undefined : say`The reason that people read: ${pause.reason}`;
  return message(
    text,
    lines([text, why, running, say`To go on: \`${command} resume ${target(pause.scope)}\``]),
  );
}

export function resumedAnswer(
  { scope, still, accepted, halts }: Extract<ResumeAnswer, { ok: true }>,
  command: string,
): MessageView {
  const text = say`${icons.running} ${scopeName(scope)} goes on.`;
  return message(
    text,
    lines([
      text,
      ...accepted.map((sentence) => say`Accepted as it is: ${whatHalts(sentence)}`),
      ...halts.map(
        (sentence) =>
          say`But its rollout is halted: ${whatHalts(sentence)} To accept that: \`${command} resume ${target(scope)}\` once more.`,
      ),
      ...still.map((pause) => say`But: ${pauseLine(pause)}`),
    ]),
  );
}

/** "Pool workers is paused by @mia: storage migration. Until 14:00." */
export function pauseLine(pause: Pause): Mrkdwn {
  const sentence = say`${pauseSentence(pause)}`;
  return pause.until === undefined ? sentence : say`${sentence} Until ${atTimestamp(pause.until)}.`;
}
