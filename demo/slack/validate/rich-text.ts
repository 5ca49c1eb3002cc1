import {
  byType,
  flag,
  integer,
  list,
  may,
  need,
  object,
  oneOf,
  string,
  type Check,
  type Fields,
} from './checks.ts';
import { blockId } from './text-objects.ts';

const style = may(
  object({
    bold: may(flag),
    italic: may(flag),
    strike: may(flag),
    code: may(flag),
    underline: may(flag),
  }),
);

const piece = (type: string, fields: Fields): Check => object({ type: need(oneOf(type)), style, ...fields });
const id = need(string({ min: 1 }));

const text = piece('text', { text: need(string({ min: 1 })) });
const link = piece('link', { url: need(string({ min: 1 })), text: may(string()), unsafe: may(flag) });

const inline = byType(() => ({
  text,
  link,
  broadcast: piece('broadcast', { range: need(oneOf('here', 'channel', 'everyone')) }),
  channel: piece('channel', { channel_id: id }),
  color: piece('color', { value: id }),
  date: piece('date', {
    timestamp: need(integer(0, 9_999_999_999)),
    format: id,
    url: may(string()),
    fallback: may(string()),
  }),
  emoji: piece('emoji', { name: id, unicode: may(string()), url: may(string()) }),
  user: piece('user', { user_id: id }),
  usergroup: piece('usergroup', { usergroup_id: id }),
  team: piece('team', { team_id: id }),
}));

const many = Number.MAX_SAFE_INTEGER;
const border = may(integer(0, 1));
const section = object({
  type: need(oneOf('rich_text_section')),
  elements: need(list(inline, { max: many })),
});

const parts: Readonly<Record<string, Check>> = {
  rich_text_section: section,
  rich_text_list: object({
    type: need(oneOf('rich_text_list')),
    style: need(oneOf('bullet', 'ordered')),
    elements: need(list(section, { max: many })),
    indent: may(integer(0, 8)),
    offset: may(integer(0, 10_000)),
    border,
  }),
  rich_text_quote: object({
    type: need(oneOf('rich_text_quote')),
    elements: need(list(inline, { max: many })),
    border,
  }),
  rich_text_preformatted: object({
    type: need(oneOf('rich_text_preformatted')),
    elements: need(
      list(
        byType(() => ({ text, link })),
        { max: many },
      ),
    ),
    border,
    language: may(string()),
  }),
};

export const richText: Check = object({
  type: need(oneOf('rich_text')),
  block_id: blockId,
  elements: need(
    list(
      byType(() => parts),
      { max: many },
    ),
  ),
});
