import { decodeEntities } from './entities.ts';
import { parseInline, type InlineOptions } from './inline.ts';
import type { TextNode } from './nodes.ts';

/** Parses Slack's mrkdwn. Accepts any string; what is not markup is text. */
export function parseMrkdwn(text: string, options: InlineOptions = { verbatim: false }): readonly TextNode[] {
  // Odd pieces are the content of fences; an unclosed fence is text.
  const pieces = text.split(/```([\s\S]+?)```/);
  return pieces.flatMap((piece, index) =>
    index % 2 === 1
      ? [fence(piece)]
      : piece === ''
        ? []
        : withQuotes(trimmed(piece, index, pieces.length), options),
  );
}

const fence = (inside: string): TextNode => ({
  t: 'pre',
  text: decodeEntities(inside.replace(/^\n|\n$/g, '')),
});

/** A fence is a block of its own, so the line break beside it is dropped. */
const trimmed = (piece: string, index: number, count: number): string =>
  piece.replace(index > 0 ? /^\n/ : /^(?!)/, '').replace(index < count - 1 ? /\n$/ : /^(?!)/, '');

const quoted = /^(?:&gt;|>) ?/;

/** Lines that begin with `>` are a quote; adjacent ones form one quote. */
function withQuotes(text: string, options: InlineOptions): readonly TextNode[] {
  const runs: { readonly quote: boolean; readonly lines: string[] }[] = [];
  for (const line of text.split('\n')) {
    const quote = quoted.test(line);
    const last = runs.at(-1);
    if (last?.quote === quote) last.lines.push(line);
    else runs.push({ quote, lines: [line] });
  }
  return runs.flatMap(({ quote, lines }) =>
    quote
      ? [
          {
            t: 'quote' as const,
            kids: parseInline(lines.map((line) => line.replace(quoted, '')).join('\n'), options),
          },
        ]
      : parseInline(lines.join('\n'), options),
  );
}

/** plain_text has line breaks and, by default, emoji. Entities are not decoded. */
export function parsePlain(text: string, withEmoji: boolean): readonly TextNode[] {
  return text.split(/(\n|:[a-z0-9_+-]+:)/).flatMap((piece) => plainPiece(piece, withEmoji));
}

function plainPiece(piece: string, withEmoji: boolean): readonly TextNode[] {
  if (piece === '') return [];
  if (piece === '\n') return [{ t: 'break' }];
  if (!withEmoji || !/^:.+:$/.test(piece)) return [{ t: 'text', text: piece }];
  const [only] = parseInline(piece, { verbatim: true });
  return only?.t === 'emoji' ? [only] : [{ t: 'text', text: piece }];
}
