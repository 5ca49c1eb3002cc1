/** What follows a typed decision: `ticket CHG123`, and `because` with everything after it. */
import type { Given } from '../../reboot/approval/demands.ts';
import { longestReason } from './split-target.ts';

export interface TypedGiven {
  /** The words before it. */
  readonly rest: readonly string[];
  readonly given: Given;
}

/** Undefined where a word stands alone that something has to follow. */
export function typedGiven(words: readonly string[]): TypedGiven | undefined {
  const why = words.findIndex((word) => word.toLowerCase() === 'because');
  const before = why < 0 ? words : words.slice(0, why);
  const reason =
    why < 0
      ? undefined
      : words
          .slice(why + 1)
          .join(' ')
          .slice(0, longestReason);
  const at = before.findIndex((word) => word.toLowerCase() === 'ticket');
  const changeTicket = at < 0 ? undefined : before[at + 1];
  if (reason === '' || (at >= 0 && changeTicket === undefined)) return undefined;
  return {
    rest: at < 0 ? before : [...before.slice(0, at), ...before.slice(at + 2)],
    given: {
      ...(changeTicket === undefined ? {} : { changeTicket }),
      ...(reason === undefined ? {} : { reason }),
    },
  };
}

export const nothingFollows =
  'Say which ticket after "ticket", and why after "because". Nothing was decided.';
