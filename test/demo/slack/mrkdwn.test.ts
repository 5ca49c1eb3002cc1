import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseMarkdown } from '../../../demo/slack/mrkdwn/markdown.ts';
import { parseMrkdwn, parsePlain } from '../../../demo/slack/mrkdwn/mrkdwn.ts';
import type { TextNode } from '../../../demo/slack/mrkdwn/nodes.ts';
import { richTextNodes } from '../../../demo/slack/present/rich-text-nodes.ts';

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const all = (nodes: readonly TextNode[]): readonly TextNode[] =>
  nodes.flatMap((node) => [
    node,
    ...('kids' in node ? all(node.kids) : 'items' in node ? node.items.flatMap(all) : []),
  ]);

const words = (nodes: readonly TextNode[]): string =>
  nodes
    .map((node) => {
      if ('kids' in node) return words(node.kids);
      if ('text' in node) return node.text;
      return node.t === 'break' ? '\n' : '';
    })
    .join('');

const text = (value: string): TextNode => ({ t: 'text', text: value });

describe('mrkdwn', () => {
  test.each<[string, readonly TextNode[]]>([
    [
      '*bold* _it_ ~no~',
      [
        { t: 'bold', kids: [text('bold')] },
        text(' '),
        { t: 'italic', kids: [text('it')] },
        text(' '),
        { t: 'strike', kids: [text('no')] },
      ],
    ],
    ['*a _b_*', [{ t: 'bold', kids: [text('a '), { t: 'italic', kids: [text('b')] }] }]],
    ['snake_case_name and 2*3*4', [text('snake_case_name and 2*3*4')]],
    ['* not bold *', [text('* not bold *')]],
    ['`a *b* &lt;c&gt;`', [{ t: 'code', text: 'a *b* <c>' }]],
    ['```x\n*y*```', [{ t: 'pre', text: 'x\n*y*' }]],
    [
      '&gt; said\n&gt; so\nthen',
      [{ t: 'quote', kids: [text('said'), { t: 'break' }, text('so')] }, text('then')],
    ],
    [
      '<https://a.example/?x=1&amp;y=2|the *page*>',
      [{ t: 'link', url: 'https://a.example/?x=1&y=2', kids: [text('the *page*')] }],
    ],
    ['<javascript:alert(1)|click>', [text('<javascript:alert(1)|click>')]],
    [
      'see https://a.example/x.',
      [
        text('see '),
        { t: 'link', url: 'https://a.example/x', kids: [text('https://a.example/x')] },
        text('.'),
      ],
    ],
    [
      '<@U0MIA> <#C0X|ops> <!subteam^S1|@sre> <!here>',
      [
        { t: 'user', id: 'U0MIA', label: '' },
        text(' '),
        { t: 'channel', id: 'C0X', label: 'ops' },
        text(' '),
        { t: 'group', id: 'S1', label: 'sre' },
        text(' '),
        { t: 'broadcast', range: 'here' },
      ],
    ],
    [
      '<!date^1800000000^{date} {time}|then>',
      [{ t: 'date', unix: 1_800_000_000, format: '{date} {time}', fallback: 'then' }],
    ],
    ['<!date^never^{date}|then>', [text('then')]],
    [
      ':ship: :no_such_thing: 10:30:45',
      [{ t: 'emoji', name: 'ship', char: '🚢' }, text(' :no_such_thing: 10:30:45')],
    ],
    ['&amp;lt; is not &lt;', [text('&lt; is not <')]],
  ])('%j', (source, nodes) => {
    expect(parseMrkdwn(source)).toEqual(nodes);
  });

  test('verbatim leaves bare addresses alone', () => {
    expect(parseMrkdwn('https://a.example', { verbatim: true })).toEqual([text('https://a.example')]);
  });

  test('escaped text mentions nobody and links nowhere, whatever it is', () => {
    const hostile = fc.oneof(
      fc.string(),
      fc
        .array(
          fc.constantFrom(
            '<',
            '>',
            '!',
            '@',
            'U0MIA',
            '|',
            '&',
            '*',
            '_',
            '`',
            'http://x',
            'here',
            '\n',
            ':ship:',
          ),
        )
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(hostile, (value) => {
        const kinds = new Set(all(parseMrkdwn(escape(value), { verbatim: true })).map(({ t }) => t));
        return ['user', 'channel', 'group', 'broadcast', 'link', 'date'].every(
          (kind) => !kinds.has(kind as 'user'),
        );
      }),
    );
  });

  test('no text is lost when there is no markup in it', () => {
    const harmless = fc.string().map((value) => value.replaceAll(/[*_~`:<>&]/g, ''));
    fc.assert(fc.property(harmless, (value) => words(parseMrkdwn(value, { verbatim: true })) === value));
  });

  test('links lead to http and https only, whatever the text is', () => {
    const urls = fc.tuple(
      fc.constantFrom('javascript:', 'data:', 'http://', 'https://', 'file:///', ''),
      fc.string(),
    );
    fc.assert(
      fc.property(urls, ([scheme, rest]) =>
        all(parseMrkdwn(`<${scheme}${rest}|x>`)).every(
          (node) => node.t !== 'link' || /^https?:\/\//i.test(node.url),
        ),
      ),
    );
  });
});

describe('plain text, Markdown and rich text', () => {
  test('plain text knows line breaks and emoji, and no entities', () => {
    expect(parsePlain('*a* &lt;\n:ship:', true)).toEqual([
      text('*a* &lt;'),
      { t: 'break' },
      { t: 'emoji', name: 'ship', char: '🚢' },
    ]);
    expect(parsePlain(':ship:', false)).toEqual([text(':ship:')]);
  });

  test('Markdown has headings, lists, fences and inline styles', () => {
    expect(
      parseMarkdown('# Why\n- **a**\n- [b](https://b.example)\n\n```\nx\n```\n[c](javascript:x)').map(
        ({ t }) => t,
      ),
    ).toEqual(['heading', 'list', 'pre', 'text', 'break']);
  });

  test('Markdown never fails and never loops', () => {
    fc.assert(fc.property(fc.string(), (value) => Array.isArray(parseMarkdown(value))));
  });

  test('rich text is never parsed', () => {
    const block = {
      type: 'rich_text',
      elements: [
        {
          type: 'rich_text_section',
          elements: [{ type: 'text', text: '*<@U0MIA>*', style: { bold: true } }],
        },
      ],
    };
    expect(richTextNodes(block)).toEqual([{ t: 'bold', kids: [text('*<@U0MIA>*')] }]);
  });
});
