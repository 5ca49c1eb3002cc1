import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../demo/slack/json.ts';
import { checkBlocks, type Surface } from '../../../demo/slack/validate/surfaces.ts';
import { checkView } from '../../../demo/slack/validate/views.ts';

const plain = (text: string): JsonObject => ({ type: 'plain_text', text });
const mrkdwn = (text: string): JsonObject => ({ type: 'mrkdwn', text });
const button = (extra: JsonObject = {}): JsonObject => ({ type: 'button', text: plain('x'), ...extra });
const actions = (...elements: readonly JsonObject[]): JsonObject => ({ type: 'actions', elements });
const option = (extra: JsonObject = {}): JsonObject => ({ text: plain('x'), value: 'x', ...extra });
const menu = (count: number): JsonObject => ({
  type: 'static_select',
  options: Array.from({ length: count }, (_, index) => option({ value: String(index) })),
});
const input = (element: JsonObject, extra: JsonObject = {}): JsonObject => ({
  type: 'input',
  label: plain('x'),
  element,
  ...extra,
});
const text = (length: number): string => 'x'.repeat(length);
const many = <T>(count: number, item: T): readonly T[] => Array.from({ length: count }, () => item);
const confirm = (extra: JsonObject): JsonObject => button({ confirm: { text: plain('x'), ...extra } });

/** Each limit of the Block Kit reference: a block whose measured part has a given size. */
const limits: readonly (readonly [what: string, max: number, make: (size: number) => JsonObject])[] = [
  ['section text', 3000, (size) => ({ type: 'section', text: mrkdwn(text(size)) })],
  ['section fields', 10, (size) => ({ type: 'section', fields: many(size, plain('x')) })],
  ['section field', 2000, (size) => ({ type: 'section', fields: [mrkdwn(text(size))] })],
  ['header text', 150, (size) => ({ type: 'header', text: plain(text(size)) })],
  ['context elements', 10, (size) => ({ type: 'context', elements: many(size, mrkdwn('x')) })],
  ['actions elements', 25, (size) => actions(...many(size, button()))],
  ['block_id', 255, (size) => ({ type: 'divider', block_id: text(size) })],
  ['action_id', 255, (size) => actions(button({ action_id: text(size) }))],
  ['button text', 75, (size) => actions(button({ text: plain(text(size)) }))],
  ['button value', 2000, (size) => actions(button({ value: text(size) }))],
  ['button url', 3000, (size) => actions(button({ url: text(size) }))],
  ['accessibility label', 75, (size) => actions(button({ accessibility_label: text(size) }))],
  ['overflow options', 5, (size) => actions({ type: 'overflow', options: many(size, option()) })],
  ['select options', 100, (size) => actions(menu(size))],
  [
    'option text',
    75,
    (size) => actions({ type: 'overflow', options: [option({ text: plain(text(size)) })] }),
  ],
  [
    'option description',
    75,
    (size) => actions({ type: 'overflow', options: [option({ description: plain(text(size)) })] }),
  ],
  ['radio options', 10, (size) => actions({ type: 'radio_buttons', options: many(size, option()) })],
  ['checkbox options', 10, (size) => actions({ type: 'checkboxes', options: many(size, option()) })],
  ['confirm title', 100, (size) => actions(confirm({ title: plain(text(size)) }))],
  ['confirm text', 300, (size) => actions(confirm({ text: mrkdwn(text(size)) }))],
  ['confirm button', 30, (size) => actions(confirm({ confirm: plain(text(size)) }))],
  ['deny button', 30, (size) => actions(confirm({ deny: plain(text(size)) }))],
  ['placeholder', 150, (size) => actions({ ...menu(1), placeholder: plain(text(size)) })],
  ['input label', 2000, (size) => input({ type: 'plain_text_input' }, { label: plain(text(size)) })],
  ['input hint', 2000, (size) => input({ type: 'plain_text_input' }, { hint: plain(text(size)) })],
  ['image alt text', 2000, (size) => ({ type: 'image', image_url: 'https://x', alt_text: text(size) })],
  ['markdown', 12_000, (size) => ({ type: 'markdown', text: text(size) })],
  ['table rows', 100, (size) => ({ type: 'table', rows: many(size, [{ type: 'raw_text', text: 'x' }]) })],
  ['table cells', 20, (size) => ({ type: 'table', rows: [many(size, { type: 'raw_text', text: 'x' })] })],
];

describe('every limit', () => {
  test.each(limits)('of %s is %i: that many pass, one more does not', (_, max, make) => {
    const sizes = fc.oneof(fc.constant(max), fc.integer({ min: 1, max }));
    fc.assert(
      fc.property(sizes, (size) => checkBlocks([make(size)], 'message').length === 0),
      { numRuns: 20 },
    );
    fc.assert(
      fc.property(
        fc.integer({ min: max + 1, max: max + 50 }),
        (size) => checkBlocks([make(size)], 'message').length > 0,
      ),
      { numRuns: 20 },
    );
  });

  test.each([
    ['message', 50],
    ['modal', 100],
    ['home', 100],
  ] as const)('of blocks on a %s is %i', (surface: Surface, max) => {
    const blocks = (count: number) => many(count, { type: 'divider' });
    expect(checkBlocks(blocks(max), surface)).toEqual([]);
    expect(checkBlocks(blocks(max + 1), surface)).toMatchObject([
      { pointer: '/blocks', message: `no more than ${max} items allowed` },
    ]);
  });
});

describe('the sentences of Slack', () => {
  const wrong = (...blocks: readonly JsonObject[]): readonly string[] =>
    checkBlocks(blocks, 'message').map(({ message, pointer }) => `${message} ${pointer}`);

  test.each<[string, JsonObject, readonly string[]]>([
    [
      'an empty text',
      { type: 'section', text: mrkdwn('') },
      ['must be more than 0 characters /blocks/0/text/text'],
    ],
    ['no type', { text: plain('x') }, ['missing required field: type /blocks/0']],
    ['a type of no block', { type: 'poem' }, ['unsupported type: poem /blocks/0/type']],
    ['a section of nothing', { type: 'section' }, ['must define either `text` or `fields` /blocks/0/type']],
    [
      'emoji on mrkdwn',
      { type: 'section', text: { ...mrkdwn('x'), emoji: true } },
      ['invalid additional property: emoji /blocks/0/text'],
    ],
    [
      'a button of a wrong style, after the line that no schema fits',
      actions(button({ style: 'loud' })),
      [
        'failed to match all allowed schemas /blocks/0/elements/0',
        'must be a valid enum value /blocks/0/elements/0/style',
      ],
    ],
    [
      'two equal action ids in one block',
      actions(button({ action_id: 'a' }), button({ action_id: 'a' })),
      ['`action_id` "a" already exists /blocks/0/elements/1/action_id'],
    ],
    [
      'an initial option that is not offered',
      actions({ ...menu(2), initial_option: option({ value: '7' }) }),
      [
        'failed to match all allowed schemas /blocks/0/elements/0',
        'must be one of the provided options /blocks/0/elements/0/initial_option',
      ],
    ],
  ])('for %s', (_, block, sentences) => {
    expect(wrong(block)).toEqual(sentences);
  });

  test('equal action ids in two blocks are fine, equal block ids are not', () => {
    const one = { ...actions(button({ action_id: 'a' })), block_id: 'b' };
    expect(wrong({ ...one, block_id: 'c' }, one)).toEqual([]);
    expect(wrong(one, one)).toEqual(['`block_id` "b" already exists /blocks/1/block_id']);
  });

  test('one table per message, of 10000 characters', () => {
    const table = (length: number): JsonObject => ({
      type: 'table',
      rows: [[{ type: 'raw_text', text: text(length) }]],
    });
    expect(wrong(table(10_000))).toEqual([]);
    expect(wrong(table(10_001))).toHaveLength(1);
    expect(wrong(table(1), table(1))).toEqual(['only one table allowed /blocks/1']);
  });
});

describe('surfaces and views', () => {
  test('an alert belongs into a modal, a table into a message', () => {
    const alert = { type: 'alert', text: plain('x') };
    const table = { type: 'table', rows: [[{ type: 'raw_text', text: 'x' }]] };
    const fits = (block: JsonObject) =>
      (['message', 'modal', 'home'] as const).filter((surface) => checkBlocks([block], surface).length === 0);
    expect([fits(alert), fits(table)]).toEqual([['modal'], ['message']]);
  });

  test('titles and buttons of a modal have 24 characters', () => {
    const view = (length: number) => ({
      type: 'modal',
      title: plain(text(length)),
      submit: plain(text(length)),
      close: plain(text(length)),
      blocks: [],
    });
    expect(checkView(view(24), 'modal')).toEqual([]);
    expect(checkView(view(25), 'modal').map(({ pointer }) => pointer)).toEqual([
      '/view/title/text',
      '/view/submit/text',
      '/view/close/text',
    ]);
  });

  test('a modal with inputs needs a submit button', () => {
    const view = { type: 'modal', title: plain('x'), blocks: [input({ type: 'plain_text_input' })] };
    expect(checkView(view, 'modal')).toMatchObject([{ message: 'missing required field: submit' }]);
  });

  test('no JSON whatever makes the validator fail', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => Array.isArray(checkBlocks(value as JsonObject, 'message'))),
    );
    fc.assert(fc.property(fc.jsonValue(), (value) => Array.isArray(checkView(value as JsonObject, 'modal'))));
  });
});
