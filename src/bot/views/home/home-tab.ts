/** The App Home: what waits for the person, what runs, what is blocked and why, what failed, what ended. */
import type { KnownBlock } from '@slack/types';
import type { PoolDigestData } from '../../../reboot/pool-digest/message/digest-facts.ts';
import type { HomeView, StatusRow } from '../../../reboot/ports/decisions/decisions.ts';
import type { CardData } from '../../../reboot/card/card-facts.ts';
import type { Phase, Reboot } from '../../../reboot/state/reboot.ts';
import { actions, context, divider, header, homeTab, type HomeTab, section } from '../../blocks/blocks.ts';
import { joined, link, type Mrkdwn, say } from '../../blocks/escape.ts';
import { generalLines, sectionsOf, staleness, statusCounts } from '../answers/status-answer.ts';
import { groupLines, type LinkTo, rowLine } from '../answers/status-rows.ts';
import { upcomingWords } from '../answers/windows-answer.ts';
import { buttonsFor } from '../card/buttons.ts';
import { headline } from '../card/headline.ts';
import { packagesLine } from '../card/reasons.ts';
import { digestButtons, digestFurtherButtons } from '../digest/digest-buttons.ts';
import { packageLine } from '../digest/digest-asks.ts';
import { digestTitle } from '../digest/digest-headline.ts';
import { ago, counted, kernelChange } from '../phrases.ts';

export interface HomeTabOptions {
  readonly linkTo?: LinkTo;
  /** The answer to what the person did last, above everything. */
  readonly answer?: readonly KnownBlock[];
}

/** `clusters`: of each that could be read. `troubles`: a sentence for each that could not. */
export function homeTabOf(
  { clusters, troubles }: { readonly clusters: readonly HomeView[]; readonly troubles: readonly string[] },
  { linkTo = () => undefined, answer = [] }: HomeTabOptions = {},
): HomeTab {
  return homeTab([
    ...answer,
    ...(answer.length === 0 ? [] : [divider]),
    ...troubles.map((sentence) => section(say`${sentence}`)),
    ...clusters.flatMap((view) => clusterBlocks(view, linkTo)),
  ]);
}

function clusterBlocks(view: HomeView, linkTo: LinkTo): KnownBlock[] {
  const { status, others, ended } = view;
  return [
    header(status.cluster),
    context(statusCounts(status)),
    ...generalLines(status),
    ...waitsForYou(view, linkTo),
    ...titled(say`*Failed*`, view.failed.flatMap(failedBlocks)),
    ...titled(say`*Running*`, rowBlocks(others, running, linkTo)),
    ...titled(say`*Approved, and waits*`, groupBlocks(others, ['Approved'], linkTo)),
    ...titled(say`*Asks others*`, groupBlocks(others, ['Pending', 'Failed'], linkTo)),
    ...titled(say`*Put off*`, groupBlocks(others, ['Snoozed', 'Denied'], linkTo)),
    ...titled(say`*Next windows*`, windowBlocks(view)),
    ...titled(say`*Last*`, sectionsOf(ended.map((reboot) => endedLine(reboot, linkTo)))),
    ...staleness(status),
  ];
}

const titled = (title: Mrkdwn, blocks: readonly KnownBlock[]): KnownBlock[] =>
  blocks.length === 0 ? [] : [section(title), ...blocks];

function waitsForYou({ waiting, digests, asks }: HomeView, linkTo: LinkTo): KnownBlock[] {
  if (waiting === 0) return [section(say`*Waits for you*\nNothing.`)];
  const inDigests = digests.reduce((sum, { counts }) => sum + counts.asking, 0);
  const more = waiting - asks.length - inDigests;
  return [
    section(say`*Waits for you* ${counted(waiting, 'node')}`),
    ...digests.flatMap((data) => digestBlocks(data, linkTo)),
    ...asks.flatMap((data) => askBlocks(data, linkTo)),
    ...(more > 0 ? [context(say`${more} more on their cards: \`/reboot status\` lists them.`)] : []),
  ];
}

function digestBlocks(data: PoolDigestData, linkTo: LinkTo): KnownBlock[] {
  const url = linkTo(data.chat.message);
  const title = url === undefined ? say`${digestTitle(data)}` : link(url, digestTitle(data));
  const shared = packageLine(data);
  return [
    section(shared === undefined ? say`*${title}*` : say`*${title}*\n${shared}`),
    ...actions(digestButtons(data)),
    ...actions(digestFurtherButtons(data)),
  ];
}

function askBlocks(data: CardData, linkTo: LinkTo): KnownBlock[] {
  const { reboot } = data;
  const url = linkTo(reboot.chat.card);
  const title = url === undefined ? say`${headline(reboot)}` : link(url, headline(reboot));
  const where = say`pool ${reboot.pool} · asked ${ago(reboot.createdAt)}`;
  return [
    section(joined([say`*${title}* ${where}`, packagesLine(reboot), kernelChange(reboot)], '\n')),
    ...actions(buttonsFor(data)),
  ];
}

function failedBlocks(data: CardData): KnownBlock[] {
  const { reboot } = data;
  const { state } = reboot;
  const why = state.phase === 'Failed' ? say`\n${state.sentence}` : say``;
  return [
    section(say`*${headline(reboot)}* pool ${reboot.pool}, which it halts${why}`),
    ...actions(buttonsFor(data)),
  ];
}

const running: readonly Phase[] = ['Draining', 'Undoing', 'Rebooting', 'Settling'];

const ofPhases = (rows: readonly StatusRow[], phases: readonly Phase[]): readonly StatusRow[] =>
  rows.filter(({ phase }) => phases.includes(phase));

const rowBlocks = (rows: readonly StatusRow[], phases: readonly Phase[], linkTo: LinkTo): KnownBlock[] =>
  sectionsOf(
    ofPhases(rows, phases)
      .slice(0, mostRows)
      .map((row) => rowLine(row, linkTo)),
  );

const groupBlocks = (rows: readonly StatusRow[], phases: readonly Phase[], linkTo: LinkTo): KnownBlock[] =>
  sectionsOf(groupLines(ofPhases(rows, phases), linkTo).slice(0, mostRows));

/** Maximum number of rows below one heading. */
const mostRows = 24;

function endedLine(reboot: Reboot, linkTo: LinkTo): Mrkdwn {
  return rowLine({ reboot, phase: reboot.state.phase, blockers: [], approvalsNeeded: 0 }, linkTo);
}

function windowBlocks({ windows }: HomeView): KnownBlock[] {
  const shown = windows.slice(0, mostRows).map(({ pool, next, notes }) => {
    const [first] = next;
    if (first !== undefined) return say`*${pool}* ${upcomingWords(first)}`;
    return say`*${pool}* ${notes[0] ?? 'at any time'}`;
  });
  return sectionsOf(shown);
}
