import { isObject, listAt, textAt, type Json, type JsonObject } from '../json.ts';
import { byType, list, problem, type Check, type Problem } from './checks.ts';
import { publishAccepted } from './accepted.ts';
import { blockTypes } from './blocks.ts';
import { limits } from './limits.ts';

export type Surface = 'message' | 'modal' | 'home';

/** The blocks of each surface: a block on the wrong surface is an unsupported type there. */
const messagesOnly = [
  'container',
  'context_actions',
  'card',
  'carousel',
  'task_card',
  'plan',
  'markdown',
  'table',
  'file',
];
const notOn: Readonly<Record<Surface, readonly string[]>> = {
  message: ['alert'],
  modal: [...messagesOnly, 'data_table'],
  home: ['alert', ...messagesOnly],
};

const tableFor = (surface: Surface): Readonly<Record<string, Check>> =>
  Object.fromEntries(Object.entries(blockTypes).filter(([type]) => !notOn[surface].includes(type)));

const shapes: Readonly<Record<Surface, Check>> = {
  message: list(
    byType(() => tables.message),
    { max: limits.blocks.message },
  ),
  modal: list(
    byType(() => tables.modal),
    { max: limits.blocks.modal },
  ),
  home: list(
    byType(() => tables.home),
    { max: limits.blocks.home },
  ),
};
const tables = { message: tableFor('message'), modal: tableFor('modal'), home: tableFor('home') };

/** Everything that Slack would refuse in these blocks. */
export function checkBlocks(blocks: Json, surface: Surface, pointer = '/blocks'): readonly Problem[] {
  const wrong = shapes[surface](blocks, pointer);
  if (!Array.isArray(blocks)) return wrong;
  const objects = blocks.filter(isObject);
  const found = [
    ...wrong,
    ...repeatedIds(blocks, pointer),
    ...tableProblems(objects, pointer),
    ...markdownProblems(objects, pointer),
  ];
  if (found.length === 0) publishAccepted({ blocks });
  return found;
}

function repeatedIds(blocks: readonly Json[], pointer: string): readonly Problem[] {
  const found: Problem[] = [];
  const seen = new Set<string>();
  for (const [index, block] of blocks.entries()) {
    const id = textAt(block, 'block_id');
    if (id !== '' && seen.has(id)) found.push(repeated('block_id', id, `${pointer}/${index}`));
    seen.add(id);
    found.push(...repeatedActions(block, `${pointer}/${index}`));
  }
  return found;
}

function repeatedActions(block: Json, pointer: string): readonly Problem[] {
  const seen = new Set<string>();
  return listAt(block, 'elements').flatMap((element, index) => {
    const id = textAt(element, 'action_id');
    const again = id !== '' && seen.has(id);
    seen.add(id);
    return again ? [repeated('action_id', id, `${pointer}/elements/${index}`)] : [];
  });
}

const repeated = (key: string, id: string, pointer: string): Problem =>
  problem(`${pointer}/${key}`, 'duplicate_id', `\`${key}\` "${id}" already exists`);

function tableProblems(blocks: readonly JsonObject[], pointer: string): readonly Problem[] {
  const tables = blocks
    .map((block, index) => ({ block, at: `${pointer}/${index}` }))
    .filter(({ block }) => block['type'] === 'table' || block['type'] === 'data_table');
  const second = tables[1];
  const long = tables.filter(({ block }) => {
    const max = block['type'] === 'table' ? limits.table.characters : limits.dataTable.characters;
    return charactersIn(block['rows'] ?? null) > max;
  });
  return [
    ...(second === undefined ? [] : [problem(second.at, 'only_one_table_allowed', 'only one table allowed')]),
    ...long.map(({ at }) => problem(`${at}/rows`, 'too_long', 'table has too many characters')),
  ];
}

function markdownProblems(blocks: readonly JsonObject[], pointer: string): readonly Problem[] {
  const texts = blocks
    .filter((block) => block['type'] === 'markdown')
    .map((block) => textAt(block, 'text').length);
  const total = texts.reduce((sum, length) => sum + length, 0);
  return texts.length > 1 && total > limits.markdown
    ? [problem(pointer, 'too_long', `must be less than ${limits.markdown + 1} characters`, limits.markdown)]
    : [];
}

/** Number of visible characters: everything under a `text` key. */
export function charactersIn(value: Json): number {
  if (Array.isArray(value)) return value.reduce((sum: number, item: Json) => sum + charactersIn(item), 0);
  if (!isObject(value)) return 0;
  return Object.entries(value).reduce(
    (sum, [key, item]) =>
      sum + (key === 'text' && typeof item === 'string' ? item.length : charactersIn(item)),
    0,
  );
}

/** Text in blocks except tables, which have a limit of their own. */
export const blockText = (blocks: readonly JsonObject[]): number =>
  blocks
    .filter((block) => block['type'] !== 'table' && block['type'] !== 'data_table')
    .reduce((sum, block) => sum + charactersIn(block), 0);
