/** Bounds above any setting of apt: longer words are cut, and parsing ends at deeper nesting. */
const longestWord = 128;
const deepest = 16;

/**
 * A comment, a directive (`#clear`), a quoted value, punctuation, or a bare word. An unterminated token
 * extends to the end of its line or file, so that matching is linear.
 */
const token = /\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|#[^\n]*|"([^"\n]*)"?|([{};])|[^\s{};"]+/g;

/**
 * The last value of one setting, such as `Unattended-Upgrade::Automatic-Reboot`, in a file in the syntax of
 * apt.conf(5). As in apt, nested (`Unattended-Upgrade { Automatic-Reboot "true"; };`) and flat names are
 * equivalent, and case does not matter.
 */
export function aptSetting(text: string, name: string): string | undefined {
  let found: string | undefined;
  for (const [key, value] of statements(text)) if (key === name.toLowerCase()) found = value;
  return found;
}

function* statements(text: string): Generator<readonly [name: string, value: string]> {
  const scopes: string[] = [];
  let words: string[] = [];
  for (const { mark, word } of tokens(text)) {
    if (word !== undefined) {
      // The first word is the name and the second the value; further words are ignored.
      if (words.length < 2) words.push(word);
      continue;
    }
    const [key = '', value] = words;
    const name = `${scopes.at(-1) ?? ''}${key}`.toLowerCase();
    words = [];
    if (mark === '{') {
      if (scopes.length === deepest) return;
      scopes.push(`${name}::`);
      continue;
    }
    if (value !== undefined) yield [name, value];
    if (mark === '}') scopes.pop();
  }
}

interface Token {
  readonly mark?: string;
  readonly word?: string;
}

function* tokens(text: string): Generator<Token> {
  for (const [all, quoted, mark] of text.matchAll(token)) {
    if (mark !== undefined) yield { mark };
    else if (quoted !== undefined || !isComment(all)) yield { word: (quoted ?? all).slice(0, longestWord) };
  }
}

const isComment = (text: string): boolean => /^(?:\/\/|\/\*|#)/.test(text);

/** The words that apt reads as true (StringToBool). */
export const isAptTrue = (value: string): boolean =>
  ['1', 'yes', 'true', 'with', 'on', 'enable'].includes(value.trim().toLowerCase());
