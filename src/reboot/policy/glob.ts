/**
 * `*` matches any sequence of characters, `?` any single one, and every other character itself. Unlike a
 * backtracking regular expression, linear in the text for each `*`.
 */
export function matchesGlob(pattern: string, text: string): boolean {
  let [p, t] = [0, 0];
  let star = -1;
  let resume = 0;
  while (t < text.length) {
    if (pattern[p] === '*') {
      star = p;
      resume = t;
      p += 1;
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[t])) {
      p += 1;
      t += 1;
    } else if (star >= 0) {
      // Backtrack: the last star matches one more character.
      resume += 1;
      p = star + 1;
      t = resume;
    } else return false;
  }
  return /^\**$/.test(pattern.slice(p));
}

export const matchesAny = (patterns: readonly string[], text: string): boolean =>
  patterns.some((pattern) => matchesGlob(pattern, text));
