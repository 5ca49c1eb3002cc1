/** The notice about a decision on a list that some of its nodes did not take when it was applied. */
import type { NotAppliedNotice } from '../../reboot/ports/decisions/many-decisions.ts';
import { context, header, lines, message, type MessageView } from '../blocks/blocks.ts';
import { say } from '../blocks/escape.ts';
import { decidedWords } from './digest/many-words.ts';
import { refusalLines } from './digest/refusal-lines.ts';
import { by, counted, icons } from './phrases.ts';

export function notApplied(notice: NotAppliedNotice): MessageView {
  const { cluster, refused, applied, request, by: who } = notice;
  const title = `${icons.failed} A decision was not applied to ${counted(refused, 'node')}`;
  const what = say`${decidedWords(request)}, by ${by(who)}, on ${counted(applied, 'node')}. Not on ${refused}:`;
  const [first = say``] = refusalLines(notice);
  return message(say`${title} · ${cluster}\n${what} ${first}`, [
    header(title),
    context(say`${cluster}`),
    ...lines([what, ...refusalLines(notice).map((line) => say`• ${line}`)]),
    context(
      say`They changed between the answer and the moment at which it was applied. Decide on them anew.`,
    ),
  ]);
}
