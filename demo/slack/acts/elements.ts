import { objectAt, objectsAt, textAt, type JsonObject } from '../json.ts';

/** Something that a person can press, choose from or fill in, and the block it stands in. */
export interface Placed {
  readonly block: JsonObject;
  readonly element: JsonObject;
}

/** Everything interactive in these blocks, in reading order. */
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

/** What a person would call it: its text, or the label of the input it belongs to. */
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
 * The element that a person means by its label, or a test by its action id. Throws when there is none or more
 * than one: a person can press neither.
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

/** Options of a menu, of its groups too. */
export const optionsOf = (element: JsonObject): readonly JsonObject[] => [
  ...objectsAt(element, 'options'),
  ...objectsAt(element, 'option_groups').flatMap((group) => objectsAt(group, 'options')),
];

/** The option by its value or by the words on it. */
export function optionOf(element: JsonObject, wanted: string): JsonObject {
  const options = optionsOf(element);
  const found =
    options.find((option) => textAt(option, 'value') === wanted) ??
    options.find((option) => textAt(objectAt(option, 'text'), 'text') === wanted);
  if (found === undefined)
    throw new Error(`there is no option "${wanted}" in "${textAt(element, 'action_id')}"`);
  return found;
}
