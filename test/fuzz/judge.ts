/** What no door may do with an input, whatever the input is. */
import { canary, type Verdict } from './door.ts';

/** Texts of a program that did not expect what it met. */
const internal =
  /\bat [\w.<>]+ \(|node:internal|Cannot read propert|is not a function|is not iterable|\[object Object\]|undefined is not/;

/** A message for people is shorter. */
const longest = 20_000;

/** What is wrong with the verdict; undefined: nothing. */
export function faultOf(verdict: Verdict): string | undefined {
  if (verdict.kind === 'taken') return undefined;
  const { problems, names } = verdict;
  if (problems.length === 0 || problems.some((problem) => problem.trim() === ''))
    return 'it was refused without a sentence';
  const all = problems.join('\n');
  if (all.includes(canary)) return `a secret is in the message: ${shortened(all)}`;
  if (internal.test(all)) return `the message is that of an error of the program: ${shortened(all)}`;
  if (all.length > longest) return `the message has ${all.length} characters`;
  if (!names.test(all)) return `the message names no field (${names}): ${shortened(all)}`;
  return undefined;
}

export const shortened = (text: string): string => (text.length > 300 ? `${text.slice(0, 300)}…` : text);
