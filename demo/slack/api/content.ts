import type { Ids } from '../ids.ts';
import { isObject, parseJson, type Json, type JsonObject } from '../json.ts';
import { blockText, checkBlocks } from '../validate/surfaces.ts';
import { limits } from '../validate/limits.ts';
import { withServerFields } from '../workspace/server-fields.ts';
import type { Args, Given } from './args.ts';
import { fail, failWith, type Refusal } from './method.ts';

/** The validated content of a message. Absent fields were not sent. */
export interface Content {
  readonly text?: string;
  readonly blocks?: readonly JsonObject[];
  readonly attachments?: readonly JsonObject[];
  /** An empty object clears it. */
  readonly metadata?: JsonObject;
}

export type Checked = { readonly content: Content } | { readonly refused: Refusal };

const refused = (refusal: Refusal): Checked => ({ refused: refusal });

/**
 * Reads and validates text, blocks, attachments and metadata of chat.* calls, in the order of Slack's checks.
 */
export function readContent(args: Args, ids: Ids): Checked {
  const blocks = readBlocks(args.json('blocks'), ids);
  if ('refused' in blocks) return blocks;
  const attachments = readAttachments(args.json('attachments'));
  if ('refused' in attachments) return attachments;
  const metadata = readMetadata(args.json('metadata'));
  if ('refused' in metadata) return metadata;
  if (args.has('markdown_text') && (args.has('text') || args.has('blocks'))) {
    return refused(fail('markdown_text_conflict'));
  }
  return {
    content: {
      ...(args.has('text') ? { text: args.text('text') } : {}),
      ...blocks.content,
      ...attachments.content,
      ...metadata.content,
    },
  };
}

function readBlocks(given: Given, ids: Ids): Checked {
  if (given === undefined) return { content: {} };
  if (!Array.isArray(given)) return refused(fail('invalid_blocks_format'));
  const problems = checkBlocks(given, 'message');
  if (problems.length > 0) return refused(failWith('invalid_blocks', problems));
  const blocks = given.filter(isObject);
  if (blockText(blocks) > limits.blockText) return refused(fail('msg_blocks_too_long'));
  return { content: { blocks: withServerFields(blocks, ids) } };
}

function readAttachments(given: Given): Checked {
  if (given === undefined) return { content: {} };
  if (!Array.isArray(given)) return refused(fail('invalid_attachments'));
  if (given.length > limits.attachments) return refused(fail('too_many_attachments'));
  const fallback = '[no preview available]';
  const attachments = given
    .filter(isObject)
    .map((attachment, index) => Object.assign({ fallback }, attachment, { id: index + 1 }));
  return { content: { attachments } };
}

function readMetadata(given: Given): Checked {
  if (given === undefined) return { content: {} };
  if (!isObject(given)) return refused(fail('invalid_metadata_format'));
  if (Object.keys(given).length === 0) return { content: { metadata: {} } };
  const { event_type: type, event_payload: payload } = given;
  if (typeof type !== 'string' || type === '' || !isObject(payload))
    return refused(fail('invalid_metadata_schema'));
  if (Buffer.byteLength(JSON.stringify(given)) > limits.metadataBytes)
    return refused(fail('metadata_too_large'));
  return { content: { metadata: given } };
}

export const isEmpty = ({ text = '', blocks = [], attachments = [] }: Content): boolean =>
  text === '' && blocks.length === 0 && attachments.length === 0;

/** Slack counts an update's text in its normalised form, where `&`, `<` and `>` are entities. */
export const normalisedLength = (text: string): number =>
  text.replaceAll(/&(?!(?:amp|lt|gt);)/g, '&amp;').length;

/** Parses text that may be JSON, for the log of calls: one level, so that tests can inspect it. */
export const opened = (value: Json): Json =>
  typeof value === 'string' && /^[[{]/.test(value) ? (parseJson(value) ?? value) : value;
