/**
 * Longer words and deeper nesting than any setting of apt has: what goes beyond is no setting that is looked
 * for.
 */
const longestWord = 128;
const deepest = 16;

/**
 * A comment, a directive (`#clear`), a quoted value, one of the marks, or a bare word. One that is not ended
 * reaches to the end: nothing is read twice.
 */
const token = /\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|#[^\n]*|"([^"\n]*)"?|([{};])|[^\s{};"]+/g;

/**
 * The last value that a file in the syntax of apt.conf(5) gives to one setting, such as
 * `Unattended-Upgrade::Automatic-Reboot`. Nested (`Unattended-Upgrade { Automatic-Reboot "true"; };`) and
 * flat names are the same to apt, and so are capitals.
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
      // The first is the name and the second the value. What follows is neither.
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

/** As apt reads a truth (StringToBool): anything else is none. */
export const isAptTrue = (value: string): boolean =>
  ['1', 'yes', 'true', 'with', 'on', 'enable'].includes(value.trim().toLowerCase());
