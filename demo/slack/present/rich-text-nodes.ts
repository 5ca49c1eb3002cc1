import { objectAt, objectsAt, textAt, type JsonObject } from '../json.ts';
import { controlToken } from '../mrkdwn/control-token.ts';
import { emoji } from '../mrkdwn/emoji.ts';
import { isSafeUrl, type TextNode } from '../mrkdwn/nodes.ts';

/** A rich_text block as nodes. Its text elements are not parsed: what looks like markup stays text. */
export const richTextNodes = (block: JsonObject): readonly TextNode[] =>
  objectsAt(block, 'elements').flatMap(part);

function part(element: JsonObject): readonly TextNode[] {
  const elements = objectsAt(element, 'elements');
  switch (textAt(element, 'type')) {
    case 'rich_text_list':
      return [
        {
          t: 'list',
          ordered: element['style'] === 'ordered',
          items: elements.map((section) => inlineNodes(objectsAt(section, 'elements'))),
        },
      ];
    case 'rich_text_quote':
      return [{ t: 'quote', kids: inlineNodes(elements) }];
    case 'rich_text_preformatted':
      return [
        { t: 'pre', text: elements.map((piece) => textAt(piece, 'text') || textAt(piece, 'url')).join('') },
      ];
    default:
      return inlineNodes(elements);
  }
}

const inlineNodes = (elements: readonly JsonObject[]): readonly TextNode[] =>
  elements.flatMap((element) => styled(element, pieceNodes(element)));

function pieceNodes(element: JsonObject): readonly TextNode[] {
  switch (textAt(element, 'type')) {
    case 'text':
      return lines(textAt(element, 'text'), element);
    case 'link':
      return [linkNode(textAt(element, 'url'), textAt(element, 'text'))];
    case 'user':
      return [{ t: 'user', id: textAt(element, 'user_id'), label: '' }];
    case 'usergroup':
      return [{ t: 'group', id: textAt(element, 'usergroup_id'), label: '' }];
    case 'channel':
      return [{ t: 'channel', id: textAt(element, 'channel_id'), label: '' }];
    case 'broadcast':
      return [{ t: 'broadcast', range: textAt(element, 'range') }];
    case 'emoji':
      return [emojiNode(textAt(element, 'name'))];
    case 'date':
      return [
        controlToken(
          `!date^${String(Number(element['timestamp']))}^${textAt(element, 'format')}|${textAt(element, 'fallback')}`,
        ),
      ];
    default:
      return [{ t: 'text', text: textAt(element, 'value') }];
  }
}

function lines(text: string, element: JsonObject): readonly TextNode[] {
  if (objectAt(element, 'style')?.['code'] === true) return [{ t: 'code', text }];
  return text.split(/(\n)/).map((piece) => (piece === '\n' ? { t: 'break' } : { t: 'text', text: piece }));
}

const linkNode = (url: string, label: string): TextNode =>
  isSafeUrl(url)
    ? { t: 'link', url, kids: [{ t: 'text', text: label || url }] }
    : { t: 'text', text: label || url };

const emojiNode = (name: string): TextNode => {
  const char = Object.hasOwn(emoji, name) ? emoji[name] : undefined;
  return char === undefined ? { t: 'text', text: `:${name}:` } : { t: 'emoji', name, char };
};

function styled(element: JsonObject, nodes: readonly TextNode[]): readonly TextNode[] {
  const style = objectAt(element, 'style') ?? {};
  return (['bold', 'italic', 'strike'] as const).reduce<readonly TextNode[]>(
    (kids, key) => (style[key] === true ? [{ t: key, kids }] : kids),
    nodes,
  );
}
