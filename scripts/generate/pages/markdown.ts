/** A bar in the text would end the cell. */
const cell = (text: string): string => text.replaceAll('|', String.raw`\|`).replaceAll('\n', ' ');

export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n');

export const code = (text: string): string => `\`${text}\``;

/** The first line of every generated page. */
export const madeFrom = (source: string): string =>
  `<!-- Made from ${source} by "npm run generate": change it there. -->\n`;
