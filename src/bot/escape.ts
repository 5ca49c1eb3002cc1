/**
 * The one door through which text written outside reaches Slack. Templates tagged `say` escape whatever is
 * put into them, and the builders in blocks.ts take nothing but their result.
 */
import { valueLength } from './limits.ts';
import type { Instant } from '../reboot/ports/time.ts';

/** Text in Slack's markup in which every outside value is escaped. Made by `say` only. */
export interface Mrkdwn {
  readonly mrkdwn: string;
}

export type Value = string | number | Mrkdwn;

export function say(words: TemplateStringsArray, ...values: readonly Value[]): Mrkdwn {
  const parts = words.map((word, index) => word + inserted(values[index]));
  return { mrkdwn: parts.join('') };
}

const inserted = (value: Value | undefined): string => {
  if (value === undefined) return '';
  return typeof value === 'object' ? value.mrkdwn : escape(String(value));
};

/**
 * `&`, `<` and `>` are all that Slack unescapes (Slack: "Formatting text for app surfaces", escaping).
 * Backticks, the signs for bold, italic and strike, and the colons of an emoji's short code have no escape:
 * where they would be parsed, look-alikes replace them.
 */
export function escape(text: string): string {
  return clean(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('`', "'")
    .replaceAll(shortCodeColon, '∶')
    .replaceAll(/(?<![\p{L}\p{N}])[*_~]|[*_~](?![\p{L}\p{N}])/gu, (sign) => lookAlikes[sign] ?? '');
}

/** The first colon of `:tada:`; each colon of a chain such as `:a:b:` but the last. */
const shortCodeColon = /:(?=[\p{L}\p{M}\p{N}_+'-]+:)/gu;

const lookAlikes: Readonly<Record<string, string>> = { '*': '∗', _: '＿', '~': '∼' };

/**
 * For plain_text objects, where nothing is parsed. Angle brackets go all the same: phones have shown them as
 * markup in notifications.
 */
export const plain = (text: string): string => clean(text).replaceAll('<', '‹').replaceAll('>', '›');

// Controls, and the signs that reorder or hide text: a pod name must not be able to fake a line or turn a
// sentence around.
const hidden = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu;

const clean = (text: string): string =>
  cut(text.replaceAll(/\s+/g, ' ').replaceAll(hidden, '').trim(), valueLength);

/** At most `max` UTF-16 units, whole code points, with a visible mark where something is missing. */
export function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  let end = max - 1;
  if (isHighSurrogate(text, end - 1)) end -= 1;
  return `${text.slice(0, end)}…`;
}

const isHighSurrogate = (text: string, index: number): boolean => {
  const code = text.charCodeAt(index);
  return code >= 0xd800 && code <= 0xdbff;
};

/**
 * Like `cut`, and never inside an entity or a `<token>`: half of one would be shown, or swallow what follows.
 */
export function clip({ mrkdwn }: Mrkdwn, max: number): string {
  if (mrkdwn.length <= max) return mrkdwn;
  const kept = mrkdwn.slice(0, max - 1);
  const open = kept.lastIndexOf('<');
  const entity = kept.lastIndexOf('&');
  let end = kept.length;
  if (open > kept.lastIndexOf('>')) end = Math.min(end, open);
  if (entity > kept.lastIndexOf(';')) end = Math.min(end, entity);
  if (isHighSurrogate(kept, end - 1)) end -= 1;
  return `${kept.slice(0, end)}…`;
}

export const joined = (parts: readonly Mrkdwn[], separator: string): Mrkdwn => ({
  mrkdwn: parts.map((part) => part.mrkdwn).join(separator),
});

/** "a, b and 3 more": at most `most` of them. */
export function some(items: readonly Mrkdwn[], most: number, leftOut = 0): Mrkdwn {
  const shown = items.slice(0, most);
  const rest = items.length - shown.length + leftOut;
  if (rest > 0) return shown.length === 0 ? say`${rest}` : say`${joined(shown, ', ')} and ${rest} more`;
  const last = shown.at(-1);
  if (last === undefined) return say``;
  return shown.length === 1 ? last : say`${joined(shown.slice(0, -1), ', ')} and ${last}`;
}

/** A mention by id; anything that is no id of Slack's stays text. */
export const mention = (id: string, name: string): Mrkdwn =>
  /^[UW][A-Z0-9]{2,20}$/.test(id) ? { mrkdwn: `<@${id}>` } : say`${name}`;

export const groupMention = (id: string): Mrkdwn =>
  /^S[A-Z0-9]{2,20}$/.test(id) ? { mrkdwn: `<!subteam^${id}>` } : say`${id}`;

export const channelMention = (id: string): Mrkdwn =>
  /^[CGD][A-Z0-9]+$/.test(id) ? { mrkdwn: `<#${id}>` } : say`${id}`;

export const link = (url: string, label: string): Mrkdwn =>
  /^https?:\/\/[^\s<>|]+$/.test(url) ? { mrkdwn: `<${url}|${escape(label)}>` } : say`${label}`;

const dateFormats = {
  moment: '{date_short_pretty} {time}',
  ago: '{ago}',
  day: '{date_short_pretty}',
} as const;

/** A time in the reader's own zone and words. */
export function when(instant: Instant, as: keyof typeof dateFormats = 'moment'): Mrkdwn {
  if (!Number.isFinite(instant)) return say`at a time that is not known`;
  const text = new Date(instant).toISOString();
  const fallback = `${text.slice(0, 10)} ${text.slice(11, 16)} UTC`;
  return { mrkdwn: `<!date^${Math.floor(instant / 1000)}^${dateFormats[as]}|${fallback}>` };
}

/**
 * The text of a message for phones and screen readers: dates become their fallbacks there, and bold is noise.
 */
export const spoken = (text: Mrkdwn): Mrkdwn => ({
  mrkdwn: text.mrkdwn.replaceAll(/(?<![\p{L}\p{N}])\*|\*(?![\p{L}\p{N}])/gu, ''),
});
