/** Typed builders of the inputs of modals. */
import type { KnownBlock, PlainTextOption, StaticSelect } from '@slack/types';
import type { FilterId } from '../payload/action-ids.ts';
import { plainText } from './blocks.ts';
import { cut } from './escape.ts';
import { limits } from './limits.ts';

export interface ReasonOptions {
  readonly id: string;
  readonly label: string;
  readonly placeholder: string;
  readonly optional: boolean;
}

export const reasonInput = ({ id, label, placeholder, optional }: ReasonOptions): KnownBlock => ({
  type: 'input',
  block_id: id,
  optional,
  label: plainText(label, limits.inputLabel),
  element: {
    type: 'plain_text_input',
    action_id: id,
    multiline: true,
    // A reason is shown on the card, which would cut a longer one.
    max_length: 500,
    placeholder: plainText(placeholder, limits.placeholder),
  },
});

/** A line of text. */
export const lineInput = (
  { id, label, placeholder, optional }: ReasonOptions,
  longest: number,
): KnownBlock => ({
  type: 'input',
  block_id: id,
  optional,
  label: plainText(label, limits.inputLabel),
  element: {
    type: 'plain_text_input',
    action_id: id,
    max_length: longest,
    placeholder: plainText(placeholder, limits.placeholder),
  },
});

export interface Choice {
  readonly label: string;
  readonly value: string;
}

export function choiceInput(id: string, label: string, choices: readonly Choice[]): KnownBlock {
  const options = choices.slice(0, limits.options).map(asOption);
  return {
    type: 'input',
    block_id: id,
    label: plainText(label, limits.inputLabel),
    element: {
      type: 'radio_buttons',
      action_id: id,
      options,
      ...(options[0] ? { initial_option: options[0] } : {}),
    },
  };
}

export interface MenuOptions {
  readonly id: FilterId;
  readonly placeholder: string;
  readonly choices: readonly Choice[];
  readonly chosen: string | undefined;
}

/** A menu that takes effect when something is chosen. */
export function menu({ id, placeholder, choices, chosen }: MenuOptions): StaticSelect {
  const options = choices.slice(0, limits.menuOptions).map(asOption);
  const initial = options.find(({ value }) => value === chosen);
  return {
    type: 'static_select',
    action_id: id,
    placeholder: plainText(placeholder, limits.placeholder),
    options,
    ...(initial ? { initial_option: initial } : {}),
  };
}

export const menus = (elements: readonly StaticSelect[]): KnownBlock[] =>
  elements.length === 0 ? [] : [{ type: 'actions', elements: [...elements] }];

/** A date and a time. Slack shows it in the zone of the person, and sends seconds since the epoch. */
export const timeInput = (id: string, label: string, hint: string): KnownBlock => ({
  type: 'input',
  block_id: id,
  optional: true,
  label: plainText(label, limits.inputLabel),
  hint: plainText(hint, limits.inputLabel),
  element: { type: 'datetimepicker', action_id: id },
});

/** A menu that is read with the submission. The first choice is preset. */
export function menuInput(id: string, label: string, choices: readonly Choice[]): KnownBlock {
  const options = choices.slice(0, limits.menuOptions).map(asOption);
  return {
    type: 'input',
    block_id: id,
    label: plainText(label, limits.inputLabel),
    element: {
      type: 'static_select',
      action_id: id,
      options,
      ...(options[0] ? { initial_option: options[0] } : {}),
    },
  };
}

export interface SearchOptions {
  readonly id: string;
  readonly label: string;
  readonly hint: string;
  readonly placeholder: string;
}

/** A menu whose options are answered while a person types. */
export const searchInput = ({ id, label, hint, placeholder }: SearchOptions): KnownBlock => ({
  type: 'input',
  block_id: id,
  optional: true,
  label: plainText(label, limits.inputLabel),
  hint: plainText(hint, limits.inputLabel),
  element: {
    type: 'multi_external_select',
    action_id: id,
    min_query_length: 0,
    max_selected_items: limits.menuOptions,
    placeholder: plainText(placeholder, limits.placeholder),
  },
});

/** A text that takes effect with Enter. */
export const filterInput = (id: FilterId, label: string, placeholder: string, text?: string): KnownBlock => ({
  type: 'input',
  block_id: id,
  optional: true,
  dispatch_action: true,
  label: plainText(label, limits.inputLabel),
  element: {
    type: 'plain_text_input',
    action_id: id,
    max_length: 200,
    placeholder: plainText(placeholder, limits.placeholder),
    ...(text === undefined ? {} : { initial_value: text }),
  },
});

/** For the answer to a search. */
export const searchOptions = (choices: readonly Choice[]): PlainTextOption[] =>
  choices.slice(0, limits.menuOptions).map(asOption);

const asOption = (choice: Choice): PlainTextOption => ({
  text: plainText(choice.label, limits.optionText),
  value: cut(choice.value, limits.optionValue),
});
