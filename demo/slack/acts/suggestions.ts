/** The options of a menu that the app answers while a person types: `block_suggestion`. */
import { isObject, objectsAt, textAt, type Json, type JsonObject } from '../json.ts';
import { list } from '../validate/checks.ts';
import { limits } from '../validate/limits.ts';
import { optionGroup, plainOption } from '../validate/text-objects.ts';
import type { User } from '../workspace/records.ts';
import type { View } from '../workspace/view-table.ts';
import { viewBody } from '../api/view-body.ts';
import type { ActDeps } from './deps.ts';
import { findElement, optionsOf } from './elements.ts';
import { interactionBase } from './payloads.ts';

/** `failed`: no answer in time or one that Slack refuses, for which the menu shows that it has no results. */
export type Suggestions =
  | { readonly kind: 'options'; readonly options: readonly JsonObject[] }
  | { readonly kind: 'failed'; readonly why: string };

const menus = new Set(['external_select', 'multi_external_select']);

/** Slack asks nothing before this many characters are typed; 3 unless the app says otherwise. */
const leastTyped = (element: JsonObject): number => {
  const least = element['min_query_length'];
  return typeof least === 'number' ? least : 3;
};

export async function suggest(
  deps: ActDeps,
  user: User,
  view: View,
  { action, value }: { readonly action: string; readonly value: string },
): Promise<Suggestions> {
  const { block, element } = findElement(objectsAt(view.body, 'blocks'), action);
  if (!menus.has(textAt(element, 'type'))) throw new Error(`"${action}" has options of its own`);
  if (value.length < leastTyped(element)) return { kind: 'options', options: [] };
  const delivery = await deps.hub.deliver({
    type: 'interactive',
    payload: {
      ...interactionBase(deps.workspace, 'block_suggestion', user),
      container: { type: 'view', view_id: view.id },
      action_id: textAt(element, 'action_id'),
      block_id: textAt(block, 'block_id'),
      value,
      view: viewBody(deps.workspace, view),
    },
    acceptsResponse: true,
  });
  if (delivery.kind !== 'acked') return { kind: 'failed', why: delivery.kind };
  const answer = optionsIn(delivery.payload);
  // As Slack keeps the values of what it has offered.
  if (answer.kind === 'options') deps.views.offer(view, answer.options);
  return answer;
}

const checkOptions = list(plainOption, { max: limits.select.options });
const checkGroups = list(optionGroup, { max: limits.select.groups });

function optionsIn(answer: Json): Suggestions {
  const { options, option_groups: groups } = isObject(answer) ? answer : {};
  if ((options === undefined) === (groups === undefined))
    return { kind: 'failed', why: 'must define either `options` or `option_groups`' };
  const [first] =
    options === undefined ? checkGroups(groups ?? null, '/option_groups') : checkOptions(options, '/options');
  if (first !== undefined) return { kind: 'failed', why: `${first.message} [json-pointer:${first.pointer}]` };
  return { kind: 'options', options: isObject(answer) ? optionsOf(answer) : [] };
}
