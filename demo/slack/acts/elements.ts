import { objectAt, objectsAt, textAt, type JsonObject } from '../json.ts';

/** An interactive element and its block. */
export interface Placed {
  readonly block: JsonObject;
  readonly element: JsonObject;
}

/** All interactive elements of these blocks, in reading order. */
export function placedElements(blocks: readonly JsonObject[]): readonly Placed[] {
  return blocks.flatMap((block) => {
    const single = ['accessory', 'element']
      .map((key) => objectAt(block, key))
      .filter((item) => item !== undefined);
    const here: readonly JsonObject[] = [
      ...single,
      ...objectsAt(block, 'elements'),
      ...objectsAt(block, 'actions'),
    ];
    const inside = [...objectsAt(block, 'child_blocks'), ...objectsAt(block, 'elements').filter(isCard)];
    return [
      ...here.filter(({ action_id: id }) => typeof id === 'string').map((element) => ({ block, element })),
      ...placedElements(inside),
    ];
  });
}

const isCard = (element: JsonObject): boolean => element['type'] === 'card';

/** Its visible name: its text, or the label of its input block. */
export function labelOf({ block, element }: Placed): string {
  const text = element['type'] === 'button' ? textAt(objectAt(element, 'text'), 'text') : '';
  return (
    text ||
    textAt(objectAt(block, 'label'), 'text') ||
    textAt(objectAt(element, 'placeholder'), 'text') ||
    textAt(element, 'action_id')
  );
}

/**
 * The element with this label (for people) or action id (for tests). Throws if there is none or more than
 * one, since a person could not choose it either.
 */
export function findElement(blocks: readonly JsonObject[], wanted: string, blockId?: string): Placed {
  const all = placedElements(blocks).filter(
    ({ block }) => blockId === undefined || textAt(block, 'block_id') === blockId,
  );
  const byId = all.filter(({ element }) => textAt(element, 'action_id') === wanted);
  const found = byId.length > 0 ? byId : all.filter((placed) => labelOf(placed) === wanted);
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  const labels = all.map((placed) => `"${labelOf(placed)}"`).join(', ');
  throw new Error(
    `${found.length === 0 ? 'nothing here' : 'more than one thing'} is called "${wanted}"; there is ${labels || 'nothing to press'}`,
  );
}

/** Options of a menu, including those of its groups. */
export const optionsOf = (element: JsonObject): readonly JsonObject[] => [
  ...objectsAt(element, 'options'),
  ...objectsAt(element, 'option_groups').flatMap((group) => objectsAt(group, 'options')),
];

/** The option with this value or label. */
export function optionOf(element: JsonObject, wanted: string): JsonObject {
  const options = optionsOf(element);
  const found =
    options.find((option) => textAt(option, 'value') === wanted) ??
    options.find((option) => textAt(objectAt(option, 'text'), 'text') === wanted);
  if (found === undefined)
    throw new Error(`there is no option "${wanted}" in "${textAt(element, 'action_id')}"`);
  return found;
}
