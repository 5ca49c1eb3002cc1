import {
  flag,
  integer,
  list,
  may,
  need,
  object,
  oneOf,
  string,
  both,
  problem,
  type Check,
  type Fields,
} from './checks.ts';
import { isObject, listAt, objectsAt } from '../json.ts';
import { limits } from './limits.ts';
import {
  actionId,
  confirmDialog,
  dispatchConfig,
  optionGroup,
  overflowOption,
  plainOption,
  plainText,
  richOption,
  url,
} from './text-objects.ts';

const element = (type: string, fields: Fields): Check =>
  object({ type: need(oneOf(type)), action_id: actionId, ...fields });

const confirm = may(confirmDialog);
const placeholder = may(plainText(limits.placeholder));
const focus = may(flag);
const typed: Fields = { placeholder, focus_on_load: focus, dispatch_action_config: may(dispatchConfig) };
const picked: Fields = { placeholder, focus_on_load: focus, confirm };
const style = may(oneOf('primary', 'danger'));
const label = may(string({ max: limits.button.accessibilityLabel }));
const date = may(string({ pattern: /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/ }));
const time = may(string({ pattern: /^([01]\d|2[0-3]):[0-5]\d$/ }));
const several = may(integer(1, 100));

const initialMatches =
  (keys: readonly string[]): Check =>
  (value, pointer) => {
    if (!isObject(value)) return [];
    const holders = [value, ...objectsAt(value, 'option_groups')];
    const known = new Set(holders.flatMap((holder) => listAt(holder, 'options').map(optionKey)));
    return keys.flatMap((key) => {
      const initial = value[key];
      if (initial === undefined) return [];
      const chosen = Array.isArray(initial) ? initial : [initial];
      return chosen.every((option) => known.has(optionKey(option)))
        ? []
        : [problem(`${pointer}/${key}`, 'unknown_option', 'must be one of the provided options')];
    });
  };

const optionKey = (option: unknown): string =>
  isObject(option) ? JSON.stringify(option['value'] ?? null) : '';

const eitherOptions: Check = (value, pointer) => {
  if (!isObject(value)) return [];
  const given = ['options', 'option_groups'].filter((key) => value[key] !== undefined);
  return given.length === 1
    ? []
    : [problem(pointer, 'exclusive_fields', 'must define either `options` or `option_groups`')];
};

const menu = (type: string, initial: Fields): Check =>
  both(
    element(type, {
      ...picked,
      ...initial,
      options: may(list(plainOption, { min: 1, max: limits.select.options })),
      option_groups: may(list(optionGroup, { min: 1, max: limits.select.groups })),
    }),
    eitherOptions,
    initialMatches(Object.keys(initial).filter((key) => key.startsWith('initial_'))),
  );

const choices = (type: string, initial: Fields): Check =>
  both(
    element(type, {
      ...initial,
      confirm,
      focus_on_load: focus,
      options: need(list(richOption, { min: 1, max: limits.choices })),
    }),
    initialMatches(Object.keys(initial)),
  );

const ids = may(list(string({ min: 1 }), { max: 100 }));
const id = may(string({ min: 1 }));

export const image: Check = both(
  object({
    type: need(oneOf('image')),
    alt_text: need(string({ min: 1, max: limits.image.alt })),
    image_url: may(url(limits.image.url)),
    slack_file: may(object({ id: may(string()), url: may(string()) })),
  }),
  (value, pointer) =>
    isObject(value) && value['image_url'] === undefined && value['slack_file'] === undefined
      ? [problem(pointer, 'missing_field', 'missing required field: image_url')]
      : [],
);

export const button: Check = element('button', {
  text: need(plainText(limits.button.text)),
  value: may(string({ max: limits.button.value })),
  url: may(url()),
  style,
  accessibility_label: label,
  confirm,
});

const feedback = object({
  text: need(plainText(limits.button.text)),
  value: need(string({ max: limits.button.value })),
  accessibility_label: label,
});

export const elements = {
  image,
  button,
  overflow: element('overflow', {
    options: need(list(overflowOption, { min: 1, max: limits.overflow })),
    confirm,
  }),
  static_select: menu('static_select', { initial_option: may(plainOption) }),
  multi_static_select: menu('multi_static_select', {
    initial_options: may(list(plainOption, { min: 1, max: limits.select.options })),
    max_selected_items: several,
  }),
  external_select: element('external_select', {
    ...picked,
    initial_option: may(plainOption),
    min_query_length: may(integer(0, 100)),
  }),
  multi_external_select: element('multi_external_select', {
    ...picked,
    initial_options: may(list(plainOption, { min: 1, max: limits.select.options })),
    min_query_length: may(integer(0, 100)),
    max_selected_items: several,
  }),
  users_select: element('users_select', { ...picked, initial_user: id }),
  multi_users_select: element('multi_users_select', {
    ...picked,
    initial_users: ids,
    max_selected_items: several,
  }),
  conversations_select: element('conversations_select', {
    ...picked,
    initial_conversation: id,
    default_to_current_conversation: may(flag),
    response_url_enabled: may(flag),
  }),
  channels_select: element('channels_select', {
    ...picked,
    initial_channel: id,
    response_url_enabled: may(flag),
  }),
  checkboxes: choices('checkboxes', {
    initial_options: may(list(richOption, { min: 1, max: limits.choices })),
  }),
  radio_buttons: choices('radio_buttons', { initial_option: may(richOption) }),
  datepicker: element('datepicker', { ...picked, initial_date: date }),
  timepicker: element('timepicker', { ...picked, initial_time: time, timezone: may(string({ min: 1 })) }),
  datetimepicker: element('datetimepicker', {
    confirm,
    focus_on_load: focus,
    initial_date_time: may(integer(1_000_000_000, 9_999_999_999)),
  }),
  plain_text_input: element('plain_text_input', {
    ...typed,
    initial_value: may(string({ max: limits.input.maxLength })),
    multiline: may(flag),
    min_length: may(integer(0, limits.input.maxLength)),
    max_length: may(integer(1, limits.input.maxLength)),
  }),
  email_text_input: element('email_text_input', { ...typed, initial_value: may(string()) }),
  url_text_input: element('url_text_input', { ...typed, initial_value: may(string()) }),
  number_input: element('number_input', {
    ...typed,
    is_decimal_allowed: need(flag),
    initial_value: may(string()),
    min_value: may(string()),
    max_value: may(string()),
  }),
  feedback_buttons: element('feedback_buttons', {
    positive_button: need(feedback),
    negative_button: need(feedback),
  }),
  icon_button: element('icon_button', {
    icon: need(oneOf('trash')),
    text: need(plainText(limits.button.text)),
    accessibility_label: label,
    value: may(string({ max: limits.button.value })),
    visible_to_user_ids: ids,
    confirm,
  }),
} satisfies Record<string, Check>;

export type ElementType = keyof typeof elements;

/** The elements of these types, as a table for one place. */
export const only = (...types: readonly ElementType[]): Readonly<Record<string, Check>> =>
  Object.fromEntries(types.map((type) => [type, elements[type]]));
