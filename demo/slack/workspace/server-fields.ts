import type { Ids } from '../ids.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';

const interactive = new Set([
  'button',
  'overflow',
  'checkboxes',
  'radio_buttons',
  'datepicker',
  'timepicker',
  'datetimepicker',
  'plain_text_input',
  'static_select',
  'multi_static_select',
  'external_select',
  'multi_external_select',
  'users_select',
  'number_input',
  'email_text_input',
  'url_text_input',
]);

/**
 * Slack returns blocks with ids and defaults that the app omitted, so a comparison by an app finds
 * differences.
 */
export function withServerFields(blocks: readonly JsonObject[], ids: Ids): readonly JsonObject[] {
  return blocks.map((block) => {
    const filled = fill(block, ids);
    const blockId =
      typeof block['block_id'] === 'string' && block['block_id'] !== '' ? block['block_id'] : shortId(ids);
    return isObject(filled) ? { ...filled, block_id: blockId } : block;
  });
}

const shortId = (ids: Ids): string => ids.next('').slice(1, 6);

function fill(value: Json, ids: Ids): Json {
  if (Array.isArray(value)) return value.map((item: Json) => fill(item, ids));
  if (!isObject(value)) return value;
  const filled = Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(item, ids)]));
  return { ...filled, ...defaultsOf(value, ids) };
}

function defaultsOf(value: JsonObject, ids: Ids): JsonObject {
  const type = value['type'];
  if (type === 'plain_text') return { emoji: value['emoji'] ?? true };
  if (type === 'mrkdwn') return { verbatim: value['verbatim'] ?? false };
  if (typeof type === 'string' && interactive.has(type))
    return { action_id: value['action_id'] ?? shortId(ids) };
  return {};
}
