/**
 * The name nearest to a mistyped one: at most two edits away, ignoring case. Undefined when there is none.
 */
export function nearest(text: string, names: readonly string[]): string | undefined {
  const ranked = names
    .filter((name) => Math.abs(name.length - text.length) <= 2)
    .map((name) => ({ name, away: distance(text.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.away - b.away);
  const [best] = ranked;
  return best && best.away <= 2 ? best.name : undefined;
}

/** Optimal string alignment: insertions, deletions, substitutions, and neighbours swapped. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1];
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      const costs = [
        (above[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (above[column - 1] ?? 0) + (same ? 0 : 1),
      ];
      if (swapped) costs.push((before[column - 2] ?? 0) + 1);
      current.push(Math.min(...costs));
    }
    before = above;
    above = current;
  }
  return above[b.length] ?? 0;
}
