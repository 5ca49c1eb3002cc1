/** The answer to `/reboot doctor`: errors, then warnings, and how many checks found nothing. */
import type { Examined, Finding } from '../../../reboot/ports/examination.ts';
import { context, lines, message, type MessageView } from '../../blocks/blocks.ts';
import { type Mrkdwn, say } from '../../blocks/escape.ts';

const mostFindings = 15;

export function doctorAnswer(examined: readonly Examined[]): MessageView {
  const found = examined.flatMap(({ check, findings }) => findings.map((finding) => ({ check, ...finding })));
  const of = (level: Finding['level']) => found.filter((finding) => finding.level === level);
  const problems = [...of('error'), ...of('warning')];
  const title = titleOf(of('error').length, of('warning').length);
  const more = problems.length - mostFindings;
  return message(title, [
    ...lines([title]),
    ...problems.slice(0, mostFindings).flatMap((problem) => lines([lineOf(problem)])),
    context(
      more > 0
        ? say`and ${more} more: \`tugboot doctor\` in the pod of the bot shows all`
        : say`${of('ok').length} findings need nothing.`,
    ),
  ]);
}

function titleOf(errors: number, warnings: number): Mrkdwn {
  if (errors + warnings === 0) return say`*✓ Nothing to mend*`;
  const counts = [
    `${errors} ${errors === 1 ? 'error' : 'errors'}`,
    `${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`,
  ];
  return say`*${errors > 0 ? '✕' : '◷'} ${counts.join(', ')}*`;
}

const lineOf = ({ check, level, says, fix }: Finding & { readonly check: string }): Mrkdwn =>
  fix === undefined ? say`• *${level}* ${check}: ${says}` : say`• *${level}* ${check}: ${says} → ${fix}`;
