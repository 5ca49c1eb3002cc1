import { isObject, textAt, type Json, type JsonObject } from '../json.ts';
import { parseMarkdown } from '../mrkdwn/markdown.ts';
import { parseMrkdwn, parsePlain } from '../mrkdwn/mrkdwn.ts';
import type { TextNode } from '../mrkdwn/nodes.ts';
import { richTextNodes } from './rich-text-nodes.ts';

/**
 * Blocks for the page: each text has its parsed `nodes` beside it, so that the page builds elements from a
 * closed set of kinds and never parses markup.
 */
export const blocksForPage = (blocks: readonly JsonObject[]): readonly Json[] => blocks.map(withNodes);

function withNodes(value: Json): Json {
  if (Array.isArray(value)) return value.map((item: Json) => withNodes(item));
  if (!isObject(value)) return value;
  const nodes = nodesOf(value);
  if (nodes !== undefined) return { ...value, nodes: nodes as unknown as Json };
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withNodes(item)]));
}

function nodesOf(value: JsonObject): readonly TextNode[] | undefined {
  switch (textAt(value, 'type')) {
    case 'mrkdwn':
      return parseMrkdwn(textAt(value, 'text'), { verbatim: value['verbatim'] === true });
    case 'plain_text':
      return parsePlain(textAt(value, 'text'), value['emoji'] !== false);
    case 'rich_text':
      return richTextNodes(value);
    case 'markdown':
      return parseMarkdown(textAt(value, 'text'));
    default:
      return undefined;
  }
}
