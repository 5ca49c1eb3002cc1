import { isSafeUrl, type TextNode } from './nodes.ts';

/**
 * The part of standard Markdown that apps use in markdown blocks: headings, lists, fences and inline styles.
 */
export function parseMarkdown(text: string): readonly TextNode[] {
  return text
    .split(/^```[^\n]*\n([\s\S]*?)^```$/m)
    .flatMap((piece, index) =>
      index % 2 === 1 ? [{ t: 'pre' as const, text: piece.trimEnd() }] : blocks(piece),
    );
}

const blocks = (text: string): readonly TextNode[] =>
  text
    .split(/\n{2,}/)
    .map((block) => block.replace(/^\n+|\n+$/g, ''))
    .filter((block) => block !== '')
    .flatMap(paragraph);

function paragraph(block: string): readonly TextNode[] {
  const [first = '', ...rest] = block.split('\n');
  const heading = /^(#{1,6}) +(.*)$/.exec(first);
  if (heading !== null) {
    const level = heading[1]?.length ?? 1;
    const after = rest.join('\n').trim();
    return [
      { t: 'heading', level, kids: inline(heading[2] ?? '') },
      ...(after === '' ? [] : paragraph(after)),
    ];
  }
  const lines = [first, ...rest];
  if (lines.every((line) => /^[-*+] /.test(line))) return [list(lines, false, /^[-*+] /)];
  if (lines.every((line) => /^\d+[.)] /.test(line))) return [list(lines, true, /^\d+[.)] /)];
  if (lines.every((line) => line.startsWith('>'))) {
    return [{ t: 'quote', kids: inline(lines.map((line) => line.replace(/^> ?/, '')).join('\n')) }];
  }
  return [...inline(block), { t: 'break' }];
}

const list = (lines: readonly string[], ordered: boolean, mark: RegExp): TextNode => ({
  t: 'list',
  ordered,
  items: lines.map((line) => inline(line.replace(mark, ''))),
});

const patterns: readonly (readonly [RegExp, (match: RegExpExecArray) => TextNode])[] = [
  [/`([^`\n]+)`/, (match) => ({ t: 'code', text: match[1] ?? '' })],
  [/\[([^\]\n]+)\]\(([^)\s]+)\)/, (match) => link(match[1] ?? '', match[2] ?? '')],
  [/\*\*([^*\n]+)\*\*/, (match) => ({ t: 'bold', kids: inline(match[1] ?? '') })],
  [/~~([^~\n]+)~~/, (match) => ({ t: 'strike', kids: inline(match[1] ?? '') })],
  [/(?<![\w*])[*_]([^*_\n]+)[*_](?![\w*])/, (match) => ({ t: 'italic', kids: inline(match[1] ?? '') })],
  [/\n/, () => ({ t: 'break' })],
];

const link = (label: string, url: string): TextNode =>
  isSafeUrl(url) ? { t: 'link', url, kids: inline(label) } : { t: 'text', text: label };

/** The leftmost pattern wins; the text around it is parsed again. */
function inline(text: string): readonly TextNode[] {
  const nodes: TextNode[] = [];
  let rest = text;
  while (rest !== '') {
    const next = leftmost(rest);
    if (next === undefined) break;
    const { index, length, node } = next;
    if (index > 0) nodes.push({ t: 'text', text: rest.slice(0, index) });
    nodes.push(node);
    rest = rest.slice(index + length);
  }
  return rest === '' ? nodes : [...nodes, { t: 'text', text: rest }];
}

function leftmost(
  text: string,
): { readonly index: number; readonly length: number; readonly node: TextNode } | undefined {
  let best:
    | { readonly match: RegExpExecArray; readonly make: (match: RegExpExecArray) => TextNode }
    | undefined;
  for (const [pattern, make] of patterns) {
    const match = pattern.exec(text);
    if (match !== null && (best === undefined || match.index < best.match.index)) best = { match, make };
  }
  return best === undefined
    ? undefined
    : { index: best.match.index, length: best.match[0].length, node: best.make(best.match) };
}
