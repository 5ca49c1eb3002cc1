/**
 * Typed builders of Slack blocks. Text and lists beyond Slack's limits are cut with a visible mark, never
 * rejected.
 */
import type {
  Button,
  ConfirmationDialog,
  KnownBlock,
  ModalView,
  MrkdwnElement,
  PlainTextElement,
} from '@slack/types';
import { encodeValue, type ActionId, type ButtonValue, type ViewId } from '../payload/action-ids.ts';
import { encodeDigest, type DigestValue } from '../payload/digest-values.ts';
import { encodeList, type ListValue } from '../payload/list-value.ts';
import { clip, cut, joined, say, plain, fallbackText, type Mrkdwn } from './escape.ts';
import { limits } from './limits.ts';
import { isBlank } from '../../reboot/words/text.ts';

/** A message; `text` is the fallback for notifications and screen readers. */
export interface MessageView {
  readonly text: string;
  readonly blocks: KnownBlock[];
}

/** Slack rejects an empty text, and an invisible one is useless. */
const shown = (text: string): string => (isBlank(text) ? '-' : text);

export const plainText = (text: string, max: number): PlainTextElement => ({
  type: 'plain_text',
  text: shown(cut(plain(text), max)),
  // Otherwise a package named foo:tada: would be rendered with an emoji.
  emoji: false,
});

const mrkdwn = (text: Mrkdwn, max: number): MrkdwnElement => ({
  type: 'mrkdwn',
  text: shown(clip(text, max)),
  // Disables the conversion of URLs, channel names and user names into links.
  verbatim: true,
});

export const header = (text: string): KnownBlock => ({
  type: 'header',
  text: plainText(text, limits.header),
});

export const section = (text: Mrkdwn): KnownBlock => ({
  type: 'section',
  text: mrkdwn(text, limits.sectionText),
});

/** With a button at its side. */
export const sectionWith = (text: Mrkdwn, accessory: Button): KnownBlock => ({
  type: 'section',
  text: mrkdwn(text, limits.sectionText),
  accessory,
});

/**
 * A line for each text, in one section, or in more where they are longer than Slack takes in one; undefined
 * texts are skipped.
 */
export function lines(texts: readonly (Mrkdwn | undefined)[]): KnownBlock[] {
  const sections: Mrkdwn[] = [];
  for (const text of texts) {
    if (text === undefined) continue;
    const last = sections.at(-1);
    const longer = last && joined([last, text], '\n');
    if (longer && longer.mrkdwn.length <= limits.sectionText) sections[sections.length - 1] = longer;
    else sections.push(text);
  }
  return sections.map(section);
}

export const context = (...texts: readonly Mrkdwn[]): KnownBlock => ({
  type: 'context',
  elements: texts.slice(0, limits.contextElements).map((text) => mrkdwn(text, limits.sectionText)),
});

export const divider: KnownBlock = { type: 'divider' };

export interface Confirmation {
  readonly title: string;
  readonly text: string;
  readonly confirm: string;
  readonly deny: string;
}

export interface ButtonOptions {
  readonly label: string;
  readonly id: ActionId;
  readonly value: ButtonValue | DigestValue | ListValue;
  readonly style?: 'primary' | 'danger';
  readonly confirm?: Confirmation;
}

export const button = ({ label, id, value, style, confirm }: ButtonOptions): Button => ({
  type: 'button',
  text: plainText(label, limits.buttonText),
  action_id: id,
  value: encoded(value),
  accessibility_label: cut(plain(`${label}: ${aboutWhat(value)}`), limits.buttonText),
  ...(style ? { style } : {}),
  ...(confirm ? { confirm: confirmation(confirm, style) } : {}),
});

const encoded = (value: ButtonOptions['value']): string =>
  'node' in value ? encodeValue(value) : 'pool' in value ? encodeDigest(value) : encodeList(value);

const aboutWhat = (value: ButtonOptions['value']): string =>
  'node' in value
    ? value.node
    : 'pool' in value
      ? `pool ${value.pool}`
      : `the list above, in ${value.cluster}`;

const confirmation = (
  confirm: Confirmation,
  style: 'primary' | 'danger' | undefined,
): ConfirmationDialog => ({
  title: plainText(confirm.title, limits.confirmTitle),
  text: plainText(confirm.text, limits.confirmText),
  confirm: plainText(confirm.confirm, limits.confirmButton),
  deny: plainText(confirm.deny, limits.confirmButton),
  ...(style ? { style } : {}),
});

export const actions = (buttons: readonly Button[]): KnownBlock[] =>
  buttons.length === 0 ? [] : [{ type: 'actions', elements: buttons.slice(0, limits.actions) }];

/**
 * A table of plain text, its first row the head. Rows beyond Slack's limits are left out: say elsewhere how
 * many there are.
 */
export function table(rows: readonly (readonly string[])[]): KnownBlock[] {
  const cells = rows.slice(0, limits.tableRows).map((row) => row.map(cell));
  let length = 0;
  const fitting = cells.filter((row) => {
    length += row.reduce((sum, { text }) => sum + text.length, 0);
    return length <= limits.tableText;
  });
  return fitting.length < 2 ? [] : [{ type: 'table', rows: fitting }];
}

const cell = (text: string): { readonly type: 'raw_text'; readonly text: string } => ({
  type: 'raw_text',
  text: shown(cut(plain(text), limits.cell)),
});

/** A message within the limits of the whole; blocks beyond them are replaced by a line with their number. */
export function message(text: Mrkdwn, blocks: readonly KnownBlock[]): MessageView {
  return {
    text: clip(fallbackText(text), limits.messageText),
    blocks: fitting(blocks, limits.messageBlocks, limits.messageBlockText),
  };
}

function fitting(blocks: readonly KnownBlock[], most: number, length: number): KnownBlock[] {
  const kept: KnownBlock[] = [];
  let used = 0;
  for (const block of blocks) {
    used += textLength(block);
    // Buttons are never dropped: without them no decision is possible.
    if (block.type !== 'actions' && (used > length || kept.length >= most - 2)) continue;
    kept.push(block);
  }
  if (kept.length < blocks.length)
    kept.push(context(say`${blocks.length - kept.length} parts more than a message can show.`));
  return kept;
}

const textLength = (block: KnownBlock): number => {
  if (block.type === 'section') return block.text?.text.length ?? 0;
  return block.type === 'context' ? JSON.stringify(block.elements).length : 0;
};

export interface ModalOptions {
  readonly id: ViewId;
  readonly title: string;
  readonly blocks: readonly KnownBlock[];
  /** The label of the submit button; without it the modal has none. */
  readonly submit?: string;
  readonly close: string;
  readonly metadata?: string;
}

export const modal = ({ id, title, blocks, submit, close, metadata }: ModalOptions): ModalView => ({
  type: 'modal',
  callback_id: id,
  title: plainText(title, limits.modalTitle),
  close: plainText(close, limits.modalButton),
  blocks: fitting(blocks, limits.modalBlocks, 60_000),
  ...(submit ? { submit: plainText(submit, limits.modalButton) } : {}),
  ...(metadata ? { private_metadata: metadata } : {}),
});

export interface HomeTab {
  readonly type: 'home';
  readonly blocks: KnownBlock[];
}

export const homeTab = (blocks: readonly KnownBlock[]): HomeTab => ({
  type: 'home',
  blocks: fitting(blocks, limits.modalBlocks, 60_000),
});

/**
 * The top-level text is shown in notifications. Unlike blocks it is parsed for links and names unless this is
 * disabled, and chat.update parses by default (docs.slack.dev, chat.update, `parse`). Tokens such as `<@U…>`
 * still work.
 */
export const noParsing = { parse: 'none', link_names: false } as const;
