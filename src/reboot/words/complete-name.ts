/** Names that people type: whole, or as much of the beginning as is unique. */
import { nearest } from './nearest.ts';

export type Completed =
  | { readonly ok: true; readonly name: string }
  /** Why no name is meant, as a sentence. */
  | { readonly ok: false; readonly sentence: string };

export interface Candidates {
  /** What the names are names of: "node", "pool", "node or pool". */
  readonly kind: string;
  readonly names: readonly string[];
  /** The end of the sentence where nothing is near. */
  readonly otherwise?: string;
}

/** How many names an ambiguous beginning lists. */
const mostListed = 5;

/**
 * The name that a person means. A whole name wins over a longer one that begins with it; a beginning counts
 * if exactly one name has it.
 */
export function completeName(text: string, { kind, names, otherwise }: Candidates): Completed {
  const known = new Set(names);
  if (known.has(text)) return { ok: true, name: text };
  const matches = text === '' ? [] : [...known].filter((name) => name.startsWith(text)).sort();
  const [only] = matches;
  if (only !== undefined && matches.length === 1) return { ok: true, name: only };
  if (matches.length > 1) return { ok: false, sentence: ambiguous(text, kind, matches) };
  const meant = nearest(text, [...known]);
  const rest = meant === undefined ? (otherwise ?? '') : `Did you mean ${meant}?`;
  return { ok: false, sentence: `I do not know a ${kind} "${text}".${rest === '' ? '' : ` ${rest}`}` };
}

function ambiguous(text: string, kind: string, matches: readonly string[]): string {
  const listed = matches.slice(0, mostListed).join(', ');
  const more = matches.length - mostListed;
  const rest = more > 0 ? ` and ${more} more` : '';
  return `More than one ${kind} begins with "${text}": ${listed}${rest}. Type some more of the name.`;
}
