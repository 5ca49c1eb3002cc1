import { listAt, objectAt, objectsAt, textAt, type Json, type JsonObject } from '../json.ts';
import type { View, ViewValues } from '../workspace/view-table.ts';
import { labelOf, optionOf, placedElements, type Placed } from './elements.ts';

/** What a person entered: text, an option's value or label, several of them, or nothing. */
export type Entry = string | readonly string[] | null;

/** The options that the app has answered for the menus of a view. */
export type Suggested = readonly JsonObject[];

/** By action id, block id, label, or `block/action`. */
export type Entries = Readonly<Record<string, Entry>>;

const valueKeys: Readonly<Record<string, string>> = {
  datepicker: 'selected_date',
  timepicker: 'selected_time',
  datetimepicker: 'selected_date_time',
  users_select: 'selected_user',
  conversations_select: 'selected_conversation',
  channels_select: 'selected_channel',
};
const oneOption = new Set(['static_select', 'radio_buttons', 'overflow']);
const manyOptions = new Set(['checkboxes', 'multi_static_select']);
/** Their options come from the app, and are known from its answers. */
const externalOptions = new Set(['external_select', 'multi_external_select']);

const first = (entry: Entry): string | null => (typeof entry === 'string' ? entry : (entry?.[0] ?? null));

/** An element's part of `state.values`, and of the action in a payload. */
export function enteredIn(element: JsonObject, entry: Entry, suggested: Suggested = []): JsonObject {
  const type = textAt(element, 'type');
  const one = first(entry);
  if (type === 'button') return 'value' in element ? { type, value: element['value'] ?? '' } : { type };
  if (oneOption.has(type)) {
    return { type, selected_option: one === null ? null : optionOf(element, one) };
  }
  if (manyOptions.has(type))
    return { type, selected_options: several(entry).map((value) => optionOf(element, value)) };
  if (externalOptions.has(type)) return enteredInExternal(element, entry, suggested);
  const key = valueKeys[type];
  if (key === undefined) return { type, value: one === '' ? null : one };
  return { type, [key]: type === 'datetimepicker' && one !== null ? Number(one) : one };
}

const several = (entry: Entry): readonly string[] =>
  entry === null ? [] : typeof entry === 'string' ? [entry] : entry;

function enteredInExternal(element: JsonObject, entry: Entry, suggested: Suggested): JsonObject {
  const type = textAt(element, 'type');
  const known: JsonObject = { ...element, options: [...suggested, ...listAt(element, 'initial_options')] };
  const chosen = several(entry).map((value) => optionOf(known, value));
  return type === 'external_select'
    ? { type, selected_option: chosen[0] ?? null }
    : { type, selected_options: chosen };
}

/** The initial value of an element. */
function untouched(element: JsonObject): Entry {
  const option = objectAt(element, 'initial_option');
  if (option !== undefined) return textAt(option, 'value');
  const options = listAt(element, 'initial_options');
  if (options.length > 0) return options.map((item) => textAt(item, 'value'));
  const picked = element['initial_date_time'];
  if (typeof picked === 'number') return String(picked);
  const keys = [
    'initial_value',
    'initial_date',
    'initial_time',
    'initial_user',
    'initial_conversation',
    'initial_channel',
  ];
  return keys.map((key) => textAt(element, key)).find((value) => value !== '') ?? null;
}

const blocksOf = (view: View): readonly JsonObject[] =>
  listAt(view.body, 'blocks').filter((block): block is JsonObject => typeof block === 'object');

const keysOf = (placed: Placed): readonly string[] => [
  textAt(placed.element, 'action_id'),
  textAt(placed.block, 'block_id'),
  labelOf(placed),
  `${textAt(placed.block, 'block_id')}/${textAt(placed.element, 'action_id')}`,
];

/** The view's state with these entries; other elements keep their initial values. */
export function valuesOf(view: View, entries: Entries, suggested: Suggested = []): ViewValues {
  const placed = placedElements(blocksOf(view)).filter(({ element }) => textAt(element, 'type') !== 'button');
  const known = new Set(placed.flatMap(keysOf));
  const stray = Object.keys(entries).find((key) => !known.has(key));
  if (stray !== undefined)
    throw new Error(`there is no input "${stray}" in this view; there is ${[...known].join(', ')}`);
  const values: Record<string, Record<string, JsonObject>> = {};
  for (const item of placed) {
    const [actionId = '', blockId = ''] = keysOf(item);
    const key = keysOf(item).findLast((name) => name in entries);
    const before = view.values[blockId]?.[actionId];
    const entry = key === undefined ? undefined : (entries[key] ?? null);
    values[blockId] = {
      ...values[blockId],
      [actionId]:
        entry === undefined
          ? (before ?? enteredIn(item.element, untouched(item.element)))
          : enteredIn(item.element, entry, [...suggested, ...chosenIn(before)]),
    };
  }
  return values;
}

/** What a menu has selected already stays selectable. */
const chosenIn = (before: JsonObject | undefined): Suggested =>
  before === undefined ? [] : objectsAt(before, 'selected_options');

/** The errors that Slack's own client shows without sending anything, by block id. */
export function clientErrors(view: View, values: ViewValues): Readonly<Record<string, string>> {
  const errors: Record<string, string> = {};
  for (const { block, element } of placedElements(blocksOf(view))) {
    if (block['type'] !== 'input') continue;
    const blockId = textAt(block, 'block_id');
    const sentence = clientError(block, element, values[blockId]?.[textAt(element, 'action_id')] ?? {});
    if (sentence !== undefined) errors[blockId] = sentence;
  }
  return errors;
}

function clientError(block: JsonObject, element: JsonObject, entered: JsonObject): string | undefined {
  const { type: _type, ...rest } = entered;
  const value: Json | undefined = Object.values(rest)[0];
  const empty =
    value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
  if (empty) return block['optional'] === true ? undefined : 'Please complete this required field.';
  if (typeof value === 'number' && !Number.isInteger(value)) return 'Please select a valid date and time.';
  if (typeof value !== 'string') return tooMany(element, value);
  const min = element['min_length'];
  const max = element['max_length'];
  if (typeof min === 'number' && value.length < min) return `Please enter at least ${min} characters.`;
  return typeof max === 'number' && value.length > max
    ? `Please enter at most ${max} characters.`
    : undefined;
}

function tooMany(element: JsonObject, value: Json): string | undefined {
  const most = element['max_selected_items'];
  return Array.isArray(value) && typeof most === 'number' && value.length > most
    ? `Please select at most ${most} items.`
    : undefined;
}
