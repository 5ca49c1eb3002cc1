/** The notice about a changed configuration that was refused. */
import type { RefusedConfigNotice } from '../../reboot/ports/refused-config.ts';
import { context, header, lines, message, type MessageView } from '../blocks/blocks.ts';
import { cut, say } from '../blocks/escape.ts';
import { icons } from './phrases.ts';

const mostProblems = 10;
const longestProblem = 200;

export function refusedConfig({
  cluster,
  problems: [summary = '', ...problems],
}: RefusedConfigNotice): MessageView {
  const title = `${icons.failed} The configuration was changed, and refused`;
  const shown = problems.slice(0, mostProblems).map((line) => say`• ${cut(line.trim(), longestProblem)}`);
  const more = problems.length - shown.length;
  const first = cut(problems[0]?.trim() ?? summary, longestProblem);
  return message(say`${title} · ${cluster}\n${first}`, [
    header(title),
    context(say`${cluster} · ${cut(summary, longestProblem)}`),
    ...lines([
      ...shown,
      more > 0 ? say`and ${more} more; the log has them all.` : undefined,
      say`The one before stays in force, and Tugboot would not start again with this one. Check the file with _tugboot check-config_ and mend it: it is read again by itself.`,
    ]),
    context(say`Said once for each version of the file.`),
  ]);
}
