/** The options of the menu of nodes, while a person types. */
import type { PlainTextOption } from '@slack/types';
import { inputIds } from '../payload/action-ids.ts';
import { decodeDigestOrigin } from '../payload/digest-values.ts';
import { searchOptions } from '../blocks/inputs.ts';
import { hasText } from '../views/digest/member-filter.ts';
import type { InteractionHandler } from './interaction-handler.ts';
import { findMembers, keyOf, listedIn } from './many.ts';
import type { SuggestionPayload } from './payloads.ts';

export async function suggest(
  handler: InteractionHandler,
  { action_id: id, value, view }: SuggestionPayload,
): Promise<readonly PlainTextOption[]> {
  const about = decodeDigestOrigin(view.private_metadata);
  if (id !== inputIds.nodes || !about.ok) return [];
  const found = await findMembers(handler, about.value.value);
  if (!found.ok) return [];
  const text = value.trim();
  const listed = listedIn(found, about.value).filter((member) => text === '' || hasText(member, text));
  return searchOptions(
    listed.map((member) => ({
      label: member.zone === undefined ? member.node : `${member.node} · ${member.zone}`,
      value: keyOf(member),
    })),
  );
}
