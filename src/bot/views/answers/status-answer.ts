/** The answer to `/reboot status`: rows on one screen, counts of groups where there are many, and pages. */
import type { KnownBlock } from '@slack/types';
import type { StatusRow, StatusView } from '../../../reboot/ports/decisions/decisions.ts';
import type { Phase } from '../../../reboot/state/reboot.ts';
import type { RolloutView } from '../../../reboot/rollout/rollout-facts.ts';
import { minute } from '../../../reboot/time/time.ts';
import { context, lines, message, section, type MessageView } from '../../blocks/blocks.ts';
import { joined, say, when, type Mrkdwn } from '../../blocks/escape.ts';
import { rolloutLines, rolloutTitle } from '../card/rollout-digest.ts';
import { counted, icons } from '../phrases.ts';
import { pauseLine } from './pause-answers.ts';
import { groupLines, type LinkTo, rowLine } from './status-rows.ts';

const ranks: Readonly<Record<Phase, number>> = {
  Draining: 0,
  Undoing: 0,
  Rebooting: 0,
  Settling: 0,
  Failed: 1,
  Approved: 2,
  Pending: 3,
  Snoozed: 4,
  Denied: 5,
  Succeeded: 6,
  GivenUp: 6,
  Cancelled: 6,
  Superseded: 6,
};
/** More rows than this are counted in groups, unless a page was asked for. */
const rowsOnOneScreen = 30;
const rowsPerPage = 40;
const rowsPerSection = 6;

export interface StatusOptions {
  readonly linkTo?: LinkTo;
  /** Of several clusters a command names one. */
  readonly isOneOfSeveral?: boolean;
  /** From 1. */
  readonly page?: number;
}

export function statusAnswer(
  view: StatusView,
  { linkTo = () => undefined, isOneOfSeveral = false, page }: StatusOptions = {},
): MessageView {
  const rows = view.rows.toSorted((one, other) => ranks[one.phase] - ranks[other.phase]);
  const summary = summaryOf(view);
  return message(summary, [
    section(summary),
    ...agentlessLine(view),
    ...generalLines(view),
    ...(view.rollouts ?? []).flatMap(rolloutBlocks),
    ...(page === undefined && rows.length > rowsOnOneScreen
      ? [...sectionsOf(groupLines(rows, linkTo)), context(howToSeeEach(view, isOneOfSeveral))]
      : pageOf(rows, { view, linkTo, isOneOfSeveral, page: page ?? 1 })),
    ...staleness(view),
  ]);
}

function pageOf(
  rows: readonly StatusRow[],
  { view, linkTo, isOneOfSeveral, page }: Required<StatusOptions> & { readonly view: StatusView },
): KnownBlock[] {
  const first = (page - 1) * rowsPerPage;
  const shown = rows.slice(first, first + rowsPerPage);
  const pages = Math.max(1, Math.ceil(rows.length / rowsPerPage));
  const next = page < pages ? say`. Next: \`${pageCommand(view, page + 1, isOneOfSeveral)}\`` : say``;
  const place =
    shown.length === 0
      ? say`There is no page ${page}: the last one is ${pages}`
      : say`${first + 1} to ${first + shown.length} of ${rows.length}${next}`;
  return [
    ...sectionsOf(shown.map((row) => rowLine(row, linkTo))),
    ...(pages > 1 || page > 1 ? [context(place)] : []),
  ];
}

function pageCommand({ of, cluster }: StatusView, page: number, isOneOfSeveral: boolean): string {
  const named = [...(isOneOfSeveral ? [cluster] : []), ...(of === undefined ? [] : [of])].join('/');
  return `/reboot status ${named === '' ? '' : `${named} `}${page}`;
}

const howToSeeEach = (view: StatusView, isOneOfSeveral: boolean): Mrkdwn =>
  say`Counted, since there are many. Each by itself: \`${pageCommand(view, 1, isOneOfSeveral)}\`, or name a pool or a node.`;

export const sectionsOf = (shown: readonly Mrkdwn[]): KnownBlock[] =>
  Array.from({ length: Math.ceil(shown.length / rowsPerSection) }, (_, index) =>
    section(joined(shown.slice(index * rowsPerSection, (index + 1) * rowsPerSection), '\n')),
  );

const summaryOf = (view: StatusView): Mrkdwn => say`*${view.cluster}* ${statusCounts(view)}`;

export function statusCounts({ rows, nodes, quiet }: StatusView): Mrkdwn {
  const count = (...phases: Phase[]): number => rows.filter((row) => phases.includes(row.phase)).length;
  const failed = count('Failed');
  const parts = [
    say`${icons.running} ${count('Draining', 'Undoing', 'Rebooting', 'Settling')} running`,
    say`${icons.waiting} ${count('Pending', 'Snoozed', 'Approved')} waiting`,
    ...(failed > 0 ? [say`${icons.failed} ${failed} failed`] : []),
    say`${quiet} of ${counted(nodes, 'node')} ${quiet === 1 || nodes === 1 ? 'needs' : 'need'} nothing`,
  ];
  return joined(parts, ' · ');
}

function agentlessLine({ agentless = [] }: StatusView): ReturnType<typeof context>[] {
  if (agentless.length === 0) return [];
  const total = agentless.reduce((sum, { count }) => sum + count, 0);
  const kinds = agentless.map(({ kind, count }) => say`${count} ${kind}`);
  return [context(say`${counted(total, 'node')} without an agent, in no pool: ${joined(kinds, ', ')}`)];
}

const rolloutBlocks = (rollout: RolloutView): ReturnType<typeof section>[] =>
  lines([say`*${rolloutTitle(rollout)}*`, ...rolloutLines(rollout)]);

const mostPauses = 5;
const mostTroubles = 4;
const longestProblem = 600;

/** Pauses, refused configurations and other general problems, above the rows. */
export function generalLines({ pauses, refused, troubles = [] }: StatusView): ReturnType<typeof section>[] {
  const shown = pauses.slice(0, mostPauses).map(({ pause, idle }) => {
    const line = say`${icons.paused} ${pauseLine(pause)}`;
    return idle ? say`${line} There is no such ${pause.scope.kind}, so this holds nobody.` : line;
  });
  const rest = pauses.length - shown.length;
  const more = rest > 0 ? [say`and ${counted(rest, 'more pause')}`] : [];
  const problemLines = [
    ...troubles.slice(0, mostTroubles).map((sentence) => say`${icons.failed} ${sentence}`),
    ...(troubles.length > mostTroubles ? [say`and ${troubles.length - mostTroubles} more like these`] : []),
    ...(refused === undefined ? [] : [refusedLine(refused)]),
  ];
  const all = [...shown, ...more, ...problemLines];
  return all.length === 0 ? [] : [section(joined(all, '\n'))];
}

function refusedLine(problem: string): Mrkdwn {
  const cut = problem.length > longestProblem ? `${problem.slice(0, longestProblem)}…` : problem;
  return say`${icons.failed} The configuration was changed, and refused; the one before stays in force. ${cut}`;
}

export const staleness = ({ heardAt, now }: StatusView): ReturnType<typeof context>[] =>
  now - heardAt > minute
    ? [context(say`The cluster was last heard from ${when(heardAt, 'ago')}, so this may be old.`)]
    : [];
