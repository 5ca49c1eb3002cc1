import { publishAccepted } from './accepted.ts';
import { isObject, type Json } from '../json.ts';
import { flag, may, need, object, oneOf, problem, string, type Check, type Problem } from './checks.ts';
import { limits } from './limits.ts';
import { checkBlocks } from './surfaces.ts';
import { plainText } from './text-objects.ts';

const anything: Check = () => [];

const shared = {
  blocks: need(anything),
  private_metadata: may(string({ max: limits.privateMetadata })),
  callback_id: may(string({ max: limits.id })),
  external_id: may(string({ max: limits.id })),
};

const modal = object({
  type: need(oneOf('modal')),
  ...shared,
  title: need(plainText(limits.modal.title)),
  submit: may(plainText(limits.modal.submit)),
  close: may(plainText(limits.modal.close)),
  clear_on_close: may(flag),
  notify_on_close: may(flag),
  submit_disabled: may(flag),
});

const home = object({ type: need(oneOf('home')), ...shared });

/** Slack reports errors of a view as those of blocks, under `/view`. */
export function checkView(view: Json, kind: 'modal' | 'home'): readonly Problem[] {
  const found = (kind === 'modal' ? modal : home)(view, '/view');
  if (!isObject(view)) return found;
  const blocks = view['blocks'];
  const all = [
    ...found,
    ...(blocks === undefined ? [] : checkBlocks(blocks, kind, '/view/blocks')),
    ...submitMissing(view, kind),
  ];
  if (all.length === 0) publishAccepted({ view });
  return all;
}

function submitMissing(view: Json, kind: 'modal' | 'home'): readonly Problem[] {
  if (kind === 'home' || !isObject(view) || !Array.isArray(view['blocks'])) return [];
  const asks = view['blocks'].some((block: Json) => isObject(block) && block['type'] === 'input');
  return asks && view['submit'] === undefined
    ? [problem('/view', 'missing_field', 'missing required field: submit')]
    : [];
}

export const isTooLarge = (view: Json): boolean => Buffer.byteLength(JSON.stringify(view)) > limits.viewBytes;
