import { remediesFor, waitsFor } from '../../reboot/words/budget-words.ts';
import type { DrainRequest } from '../../reboot/ports/cluster.ts';
import type { BudgetBlock, DrainProgress } from '../../reboot/state/drain-facts.ts';
import { inWords } from '../../reboot/ports/time.ts';
import { titleOf, type PodView } from '../pods/pod-view.ts';

const mostNamed = 10;
/** Another process reads from them what not to evict: more of them than people want to read. */
const mostKept = 100;
/** The server's words are long, and often the same for each pod. */
const mostQuoted = 3;

const andMore = (sentences: readonly string[], glue: string): string => {
  const more = sentences.length - mostNamed;
  return [...sentences.slice(0, mostNamed), ...(more > 0 ? [`and ${more} more`] : [])].join(glue);
};

export const refusedSentence = (refusals: readonly string[]): string =>
  `Nothing was evicted. ${andMore(refusals, ' ')}`;

/** For a pod that came, or changed, after the drain had begun. */
export const refusedLateSentence = (refusals: readonly string[]): string =>
  `The drain had begun, and stopped at this: ${andMore(refusals, ' ')}`;

/** The server's own words may end in a full stop, or in none. */
const ended = (sentence: string): string => (/[.!?]$/.test(sentence) ? sentence : `${sentence}.`);

export const givenUpSentence = (trouble: string): string => `${ended(trouble)} It was tried again and again.`;

export interface Hindrances {
  readonly blocks: readonly BudgetBlock[];
  readonly troubles: readonly string[];
}

/** What is left when the time is over, and what each of it waits for. */
export function timeoutSentence(
  request: DrainRequest,
  left: readonly PodView[],
  { blocks, troubles }: Hindrances,
): string {
  const named = left.map((pod) => {
    const title = titleOf(pod);
    const block = blocks.find((candidate) => candidate.pod === title);
    if (block) return `${title} (${waitsFor(block)})`;
    return pod.deletesAt === undefined ? title : `${title} (is terminating)`;
  });
  const limit = inWords(request.deadline - request.startedAt);
  if (left.length === 0)
    return `The drain did not end within ${limit}: its pods are gone, but the API server did not answer when it was asked for the proof.`;
  const still = `The drain did not end within ${limit}. Still on the node: ${andMore(named, ', ')}.`;
  const remedies = [...new Set(budgetsFirst(blocks).flatMap(remediesFor))];
  const why = [...remedies.slice(0, mostQuoted), ...troubles.slice(0, mostQuoted).map(ended)];
  return [still, ...why].join(' ');
}

/**
 * One pod of each budget before a second one of any: thirty pods of one budget must not hide another budget.
 */
function budgetsFirst(waiting: readonly BudgetBlock[]): readonly BudgetBlock[] {
  const groups = [...Map.groupBy(waiting, ({ budget }) => budget).values()];
  return [...groups.flatMap((pods) => pods.slice(0, 1)), ...groups.flatMap((pods) => pods.slice(1))];
}

/** Bounded, since it is stored at every step. */
export const boundedProgress = (progress: DrainProgress): DrainProgress => ({
  ...progress,
  leaving: progress.leaving.slice(0, mostNamed),
  waiting: budgetsFirst(progress.waiting).slice(0, mostNamed),
  trouble: progress.trouble.slice(0, mostNamed),
  ...(progress.kept && { kept: progress.kept.slice(0, mostKept) }),
});
