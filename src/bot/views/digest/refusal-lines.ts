/** On which nodes a decision for many does not hold, and why: those of one reason in one line. */
import { cut, say, type Mrkdwn } from '../../blocks/escape.ts';
import { namesInWords } from '../phrases.ts';

interface Refusals {
  readonly refused: number;
  /** The first of them. */
  readonly refusals: readonly { readonly node: string; readonly sentence: string }[];
}

const mostReasons = 5;
const mostNames = 10;
const longestReason = 300;

export function refusalLines({ refused, refusals }: Refusals): readonly Mrkdwn[] {
  const groups = [...Map.groupBy(refusals, ({ sentence }) => sentence)].slice(0, mostReasons);
  const rest = refused - groups.reduce((sum, [, same]) => sum + same.length, 0);
  return [
    ...groups.map(([sentence, same]) => {
      const names = same.map(({ node }) => node);
      return say`${namesInWords(names, mostNames)}: ${cut(sentence, longestReason)}`;
    }),
    ...(rest > 0 ? [say`And ${rest} more.`] : []),
  ];
}
