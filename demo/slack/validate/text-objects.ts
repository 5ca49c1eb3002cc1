import { byType, flag, list, may, need, object, oneOf, string, type Check } from './checks.ts';
import { limits } from './limits.ts';

const is = (type: string) => need(oneOf(type));

export const plainText = (max: number = limits.text, min = 1): Check =>
  object({ type: is('plain_text'), text: need(string({ min, max })), emoji: may(flag) });

const mrkdwn = (max: number): Check =>
  object({ type: is('mrkdwn'), text: need(string({ min: 1, max })), verbatim: may(flag) });

export const anyText = (max: number = limits.text): Check =>
  byType(() => ({ plain_text: plainText(max), mrkdwn: mrkdwn(max) }));

export const mrkdwnText = (max: number): Check => mrkdwn(max);

export const blockId = may(string({ max: limits.id }));
export const actionId = may(string({ max: limits.id }));
export const url = (max: number = limits.url): Check => string({ min: 1, max });

export const confirmDialog = object({
  title: may(plainText(limits.confirm.title)),
  text: need(anyText(limits.confirm.text)),
  confirm: may(plainText(limits.confirm.button)),
  deny: may(plainText(limits.confirm.button)),
  style: may(oneOf('primary', 'danger')),
});

const optionFields = (text: Check, withUrl: boolean) => ({
  text: need(text),
  value: need(string({ max: limits.option.value })),
  description: may(plainText(limits.option.description)),
  ...(withUrl ? { url: may(url()) } : {}),
});

/** Checkboxes and radio buttons accept mrkdwn; menus accept plain text. */
export const richOption = object(optionFields(anyText(limits.option.text), false));
export const plainOption = object(optionFields(plainText(limits.option.text), false));

/** An overflow option may be only a link, without a value. */
export const overflowOption = object({
  ...optionFields(plainText(limits.option.text), true),
  value: may(string({ max: limits.option.value })),
});

export const optionGroup = object({
  label: need(plainText(limits.option.groupLabel)),
  options: need(list(plainOption, { min: 1, max: limits.select.perGroup })),
});

export const dispatchConfig = object({
  trigger_actions_on: may(list(oneOf('on_enter_pressed', 'on_character_entered'), { min: 1, max: 2 })),
});
