import { isRefused, readView } from '../api/views.ts';
import { isObject, objectAt, objectsAt, textAt, type Json, type JsonObject } from '../json.ts';
import type { User } from '../workspace/records.ts';
import { viewBody } from '../api/view-body.ts';
import type { View } from '../workspace/view-table.ts';
import type { ActDeps } from './deps.ts';
import { clientErrors, valuesOf, type Entries } from './input-values.ts';
import { interactionBase } from './payloads.ts';

export type Submitted =
  | { readonly kind: 'closed' }
  | { readonly kind: 'errors'; readonly errors: Readonly<Record<string, string>> }
  | { readonly kind: 'updated' | 'pushed'; readonly view: View }
  /** No response or an invalid one: the modal stays open, with Slack's own message. */
  | { readonly kind: 'failed'; readonly sentence: string };

const trouble: Submitted = { kind: 'failed', sentence: 'We had some trouble connecting. Try again?' };

/** Fills in the modal and submits it. */
export async function submitView(
  deps: ActDeps,
  user: User,
  view: View,
  entries: Entries,
): Promise<Submitted> {
  const entered = deps.views.enter(view, valuesOf(view, entries, view.offered));
  const errors = clientErrors(entered, entered.values);
  if (Object.keys(errors).length > 0) return { kind: 'errors', errors };
  const delivery = await deps.hub.deliver({
    type: 'interactive',
    payload: {
      ...interactionBase(deps.workspace, 'view_submission', user),
      trigger_id: deps.triggers.issue({ user: user.id, inModal: true }),
      view: viewBody(deps.workspace, entered),
      response_urls: [],
    },
    acceptsResponse: true,
  });
  return delivery.kind === 'acked' ? obey(deps, entered, delivery.payload) : trouble;
}

function obey(deps: ActDeps, view: View, answer: Json): Submitted {
  const action = textAt(answer, 'response_action');
  if (action === '') {
    deps.views.close(view);
    return { kind: 'closed' };
  }
  if (action === 'clear') {
    deps.views.clear(view.user);
    return { kind: 'closed' };
  }
  if (action === 'errors') return errorsFrom(view, answer);
  return action === 'update' || action === 'push' ? nextView(deps, view, action, answer) : trouble;
}

/**
 * Errors must name input blocks of this view; anything else is an error of the app, for which Slack shows its
 * failure message.
 */
function errorsFrom(view: View, answer: Json): Submitted {
  const errors = objectAt(answer, 'errors') ?? {};
  const asking = objectsAt(view.body, 'blocks').filter(({ type }) => type === 'input');
  const inputs = new Set(asking.map((block) => textAt(block, 'block_id')));
  const entries = Object.entries(errors).flatMap(([key, value]) =>
    typeof value === 'string' && inputs.has(key) ? [[key, value] as const] : [],
  );
  const fits = entries.length > 0 && entries.length === Object.keys(errors).length;
  return fits ? { kind: 'errors', errors: Object.fromEntries(entries) } : trouble;
}

function nextView(deps: ActDeps, view: View, action: 'update' | 'push', answer: Json): Submitted {
  const given: JsonObject | undefined = isObject(answer) ? objectAt(answer, 'view') : undefined;
  const body = readView(given, 'modal');
  if (isRefused(body)) return trouble;
  const next = action === 'update' ? deps.views.replace(view, body, '') : deps.views.push(view.user, body);
  return typeof next === 'string'
    ? trouble
    : { kind: action === 'update' ? 'updated' : 'pushed', view: next };
}

/** Escape, the cross, or the close button. The app is notified only if the view has `notify_on_close`. */
export async function closeView(deps: ActDeps, user: User, view: View): Promise<void> {
  const wasStack = deps.views.stack(user.id);
  if (view.body['clear_on_close'] === true) deps.views.clear(user.id);
  else deps.views.close(view);
  if (view.body['notify_on_close'] !== true) return;
  await deps.hub.deliver({
    type: 'interactive',
    payload: {
      ...interactionBase(deps.workspace, 'view_closed', user),
      view: viewBody(deps.workspace, view),
      is_cleared: view.body['clear_on_close'] === true && wasStack.length > 1,
    },
    acceptsResponse: false,
  });
}
