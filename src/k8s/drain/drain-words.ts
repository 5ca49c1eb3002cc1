import { remediesFor, waitsFor } from '../../reboot/words/budget-words.ts';
import type { DrainRequest } from '../../reboot/ports/cluster/drains.ts';
import type { BudgetBlock, DrainProgress } from '../../reboot/state/drain-facts.ts';
import { inWords } from '../../reboot/time/time.ts';
import { titleOf, type PodView } from '../pods/pod-view.ts';

const mostNamed = 10;
/**
 * Higher than for display: a process that takes the drain over reads from this list which pods it must not
 * evict.
 */
const mostKept = 100;
/** The server's messages are long, and often the same for each pod. */
const mostQuoted = 3;

const andMore = (sentences: readonly string[], glue: string): string => {
  const more = sentences.length - mostNamed;
  return [...sentences.slice(0, mostNamed), ...(more > 0 ? [`and ${more} more`] : [])].join(glue);
};

export const refusedSentence = (refusals: readonly string[]): string =>
  `Nothing was evicted. ${andMore(refusals, ' ')}`;

/** For a pod that was created or changed after the drain had begun. */
export const refusedLateSentence = (refusals: readonly string[]): string =>
  `The drain had begun, and stopped at this: ${andMore(refusals, ' ')}`;

/** The server's messages end with or without a full stop. */
const ended = (sentence: string): string => (/[.!?]$/.test(sentence) ? sentence : `${sentence}.`);

export const givenUpSentence = (trouble: string): string => `${ended(trouble)} It was tried again and again.`;

export interface Obstacles {
  readonly blocks: readonly BudgetBlock[];
  readonly troubles: readonly string[];
}

/** The pods that are left at the deadline, and what blocks each of them. */
export function timeoutSentence(
  request: DrainRequest,
  left: readonly PodView[],
  { blocks, troubles }: Obstacles,
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
 * One pod of each budget before a second one of any: many pods of one budget must not hide another budget in
 * a truncated list.
 */
function budgetsFirst(waiting: readonly BudgetBlock[]): readonly BudgetBlock[] {
  const groups = [...Map.groupBy(waiting, ({ budget }) => budget).values()];
  return [...groups.flatMap((pods) => pods.slice(0, 1)), ...groups.flatMap((pods) => pods.slice(1))];
}

/** Bounded, since every step stores it. */
export const boundedProgress = (progress: DrainProgress): DrainProgress => ({
  ...progress,
  leaving: progress.leaving.slice(0, mostNamed),
  waiting: budgetsFirst(progress.waiting).slice(0, mostNamed),
  trouble: progress.trouble.slice(0, mostNamed),
  ...(progress.kept && { kept: progress.kept.slice(0, mostKept) }),
});
