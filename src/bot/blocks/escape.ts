/**
 * Escapes outside text for Slack. Templates tagged `say` escape every inserted value, and the builders in
 * blocks.ts accept only their result.
 */
import { utcMoment } from '../../reboot/time/utc-text.ts';
import { valueLength } from './limits.ts';
import type { Instant } from '../../reboot/time/time.ts';

/** Text in Slack's markup with every outside value escaped. Created by `say`. */
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
 * Slack unescapes only `&`, `<` and `>` ("Formatting text for app surfaces", escaping). Backticks, the
 * markers of bold, italic and strike, and the colons of an emoji's short code cannot be escaped: where they
 * would be parsed, similar characters replace them.
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

/** The first colon of `:tada:`; every colon but the last in a chain such as `:a:b:`. */
const shortCodeColon = /:(?=[\p{L}\p{M}\p{N}_+'-]+:)/gu;

const lookAlikes: Readonly<Record<string, string>> = { '*': '∗', _: '＿', '~': '∼' };

/**
 * For plain_text objects, which are not parsed. Angle brackets are replaced all the same: phones have
 * rendered them as markup in notifications.
 */
export const plain = (text: string): string => clean(text).replaceAll('<', '‹').replaceAll('>', '›');

// Control characters, and characters that reorder or hide text: a pod name must not fake a line or reverse a
// sentence.
const hidden = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu;

const clean = (text: string): string =>
  cut(text.replaceAll(/\s+/g, ' ').replaceAll(hidden, '').trim(), valueLength);

/** At most `max` UTF-16 code units, with no code point split; a cut text ends in `…`. */
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
 * Like `cut`, but never inside an entity or a `<token>`: half of one would be shown, or would swallow the
 * text after it.
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

/** "a, b and 3 more", with at most `most` items. */
export function some(items: readonly Mrkdwn[], most: number, leftOut = 0): Mrkdwn {
  const shown = items.slice(0, most);
  const rest = items.length - shown.length + leftOut;
  if (rest > 0) return shown.length === 0 ? say`${rest}` : say`${joined(shown, ', ')} and ${rest} more`;
  const last = shown.at(-1);
  if (last === undefined) return say``;
  return shown.length === 1 ? last : say`${joined(shown.slice(0, -1), ', ')} and ${last}`;
}

/** A mention by id; the escaped name if the id is not in Slack's format. */
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

/** A time in the reader's own time zone and format. */
export function when(instant: Instant, as: keyof typeof dateFormats = 'moment'): Mrkdwn {
  if (!Number.isFinite(instant)) return say`at a time that is not known`;
  return { mrkdwn: `<!date^${Math.floor(instant / 1000)}^${dateFormats[as]}|${utcMoment(instant)}>` };
}

/** The text for notifications and screen readers: without the markers of bold. */
export const fallbackText = (text: Mrkdwn): Mrkdwn => ({
  mrkdwn: text.mrkdwn.replaceAll(/(?<![\p{L}\p{N}])\*|\*(?![\p{L}\p{N}])/gu, ''),
});
