/** The target of a decision by command, and the words after it. */

/** A selector may have spaces: `zone in (a, b),!canary`. */
const requirement = String.raw`!?[^\s(),]+(?:\s+(?:in|notin)\s*\([^()]*\))?`;
const beginning = new RegExp(String.raw`^(${requirement}(?:\s*,\s*${requirement})*)(?:\s+|$)`);

/** As in the modals. */
export const longestReason = 500;

/** Undefined where no target was typed. */
export function splitTarget(
  words: readonly string[],
): { readonly target: string; readonly rest: readonly string[] } | undefined {
  const text = words.join(' ');
  const target = beginning.exec(text)?.[1] ?? words[0];
  if (target === undefined) return undefined;
  return {
    target,
    rest: text
      .slice(target.length)
      .split(' ')
      .filter((word) => word !== ''),
  };
}
