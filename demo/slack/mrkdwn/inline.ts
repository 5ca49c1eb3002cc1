import { controlToken } from './control-token.ts';
import { emoji } from './emoji.ts';
import { decodeEntities } from './entities.ts';
import type { TextNode } from './nodes.ts';

export interface InlineOptions {
  /** With `verbatim`, bare URLs stay text. */
  readonly verbatim: boolean;
}

interface Found {
  readonly node: TextNode;
  /** Index at which parsing continues. */
  readonly end: number;
}

type Reader = (text: string, at: number, options: InlineOptions) => Found | undefined;

const styles: Readonly<Record<string, 'bold' | 'italic' | 'strike'>> = {
  '*': 'bold',
  _: 'italic',
  '~': 'strike',
};

const isWord = (character: string | undefined): boolean =>
  character !== undefined && /[\p{L}\p{N}]/u.test(character);
const isSpace = (character: string | undefined): boolean => character === undefined || /\s/.test(character);

const readToken: Reader = (text, at) => {
  const end = text.indexOf('>', at);
  return end < 0 || text.slice(at + 1, end).includes('\n') || end === at + 1
    ? undefined
    : { node: controlToken(text.slice(at + 1, end)), end: end + 1 };
};

const readCode: Reader = (text, at) => {
  const end = text.indexOf('`', at + 1);
  const inside = text.slice(at + 1, end);
  return end < 0 || inside === '' || inside.includes('\n')
    ? undefined
    : { node: { t: 'code', text: decodeEntities(inside) }, end: end + 1 };
};

/** `*bold*` counts only between words: `2*3*4` and `snake_case_name` are not styled. */
const readStyle: Reader = (text, at, options) => {
  const sign = text[at] ?? '';
  const style = styles[sign];
  if (style === undefined || isWord(text[at - 1]) || isSpace(text[at + 1]) || text[at + 1] === sign)
    return undefined;
  const end = closing(text, at + 1, sign);
  return end === undefined
    ? undefined
    : { node: { t: style, kids: parseInline(text.slice(at + 1, end), options) }, end: end + 1 };
};

/** Index of the closing sign, outside of code and tokens and on the same line. */
function closing(text: string, from: number, sign: string): number | undefined {
  let at = from;
  while (at < text.length && text[at] !== '\n') {
    if (text[at] === sign && !isSpace(text[at - 1]) && !isWord(text[at + 1])) return at;
    const skipped = text[at] === '<' ? readToken(text, at, { verbatim: true }) : skipCode(text, at);
    at = skipped?.end ?? at + 1;
  }
  return undefined;
}

const skipCode = (text: string, at: number): Found | undefined =>
  text[at] === '`' ? readCode(text, at, { verbatim: true }) : undefined;

const readEmoji: Reader = (text, at) => {
  const name = /^:([a-z0-9_+-]+):/.exec(text.slice(at, at + 60))?.[1];
  const char = name === undefined || !Object.hasOwn(emoji, name) ? undefined : emoji[name];
  return name === undefined || char === undefined
    ? undefined
    : { node: { t: 'emoji', name, char }, end: at + name.length + 2 };
};

const readBareUrl: Reader = (text, at, { verbatim }) => {
  if (verbatim || isWord(text[at - 1])) return undefined;
  const found = /^https?:\/\/[^\s<>|`*~]*[^\s<>|`*~.,;:!?)_'"]/i.exec(text.slice(at))?.[0];
  if (found === undefined) return undefined;
  const url = decodeEntities(found);
  return { node: { t: 'link', url, kids: [{ t: 'text', text: url }] }, end: at + found.length };
};

const readers: Readonly<Record<string, Reader>> = {
  '<': readToken,
  '`': readCode,
  '*': readStyle,
  _: readStyle,
  '~': readStyle,
  ':': readEmoji,
  h: readBareUrl,
  H: readBareUrl,
  '\n': (_text, at) => ({ node: { t: 'break' }, end: at + 1 }),
};

/** Styles, code, links, mentions, dates and emoji within a run of text. */
export function parseInline(text: string, options: InlineOptions): readonly TextNode[] {
  const nodes: TextNode[] = [];
  let plain = 0;
  let at = 0;
  const flush = (end: number): void => {
    if (end > plain) nodes.push({ t: 'text', text: decodeEntities(text.slice(plain, end)) });
  };
  while (at < text.length) {
    const found = readers[text[at] ?? '']?.(text, at, options);
    if (found === undefined) {
      at += 1;
      continue;
    }
    flush(at);
    nodes.push(found.node);
    at = found.end;
    plain = at;
  }
  flush(text.length);
  return nodes;
}
