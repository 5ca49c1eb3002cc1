import { isObject, type JsonObject } from '../json.ts';
import type { TriggerIds } from '../acts/trigger-ids.ts';
import type { Problem } from '../validate/checks.ts';
import { checkView, isTooLarge } from '../validate/views.ts';
import { viewBody } from './view-body.ts';
import type { View } from '../workspace/view-table.ts';
import type { ViewError, ViewStore } from '../workspace/view-store.ts';
import type { Workspace } from '../workspace/workspace.ts';
import type { Args, Given } from './args.ts';
import { fail, failWith, missingArgument, ok, type Methods, type Reply } from './method.ts';

export interface ViewsDeps {
  readonly workspace: Workspace;
  readonly views: ViewStore;
  readonly triggers: TriggerIds;
}

export const viewsMethods = (deps: ViewsDeps): Methods => ({
  'views.open': { token: 'bot', tier: 4, run: (args) => openOrPush(deps, args, 'open') },
  'views.push': { token: 'bot', tier: 4, run: (args) => openOrPush(deps, args, 'push') },
  'views.update': { token: 'bot', tier: 4, run: (args) => update(deps, args) },
  'views.publish': { token: 'bot', tier: 4, run: (args) => publish(deps, args) },
});

/** The view if it is valid, else the error response. */
export function readView(given: Given, kind: 'modal' | 'home'): JsonObject | Reply {
  if (given === undefined) return missingArgument('view');
  if (!isObject(given))
    return fail('invalid_arguments', { response_metadata: { messages: ['[ERROR] must be an object'] } });
  if (isTooLarge(given)) return fail('view_too_large');
  const problems: readonly Problem[] = checkView(given, kind);
  return problems.length > 0 ? failWith('invalid_arguments', problems) : given;
}

export const isRefused = (view: JsonObject | Reply): view is Reply => view['ok'] === false;

const reply = (workspace: Workspace, view: View | ViewError): Reply =>
  typeof view === 'string' ? fail(view) : ok({ view: viewBody(workspace, view) });

function openOrPush({ workspace, views, triggers }: ViewsDeps, args: Args, how: 'open' | 'push'): Reply {
  const view = readView(args.json('view'), 'modal');
  if (isRefused(view)) return view;
  const triggerId = args.text('trigger_id');
  if (triggerId === '') return missingArgument('trigger_id');
  const trigger = triggers.redeem(triggerId);
  if (typeof trigger === 'string') return fail(trigger);
  if (how === 'push' && !trigger.inModal) return fail('invalid_trigger_id');
  return reply(workspace, how === 'open' ? views.open(trigger.user, view) : views.push(trigger.user, view));
}

function update({ workspace, views }: ViewsDeps, args: Args): Reply {
  const id = args.text('view_id');
  const externalId = args.text('external_id');
  if (id === '' && externalId === '') return missingArgument('view_id');
  const view = readView(args.json('view'), 'modal');
  if (isRefused(view)) return view;
  const found = views.find(id === '' ? { externalId } : { id });
  if (found === undefined || found.kind !== 'modal') return fail('not_found');
  return reply(workspace, views.replace(found, view, args.text('hash')));
}

function publish({ workspace, views }: ViewsDeps, args: Args): Reply {
  const user = args.text('user_id');
  if (user === '') return missingArgument('user_id');
  if (workspace.user(user) === undefined) return fail('invalid_arguments');
  const view = readView(args.json('view'), 'home');
  return isRefused(view) ? view : reply(workspace, views.publish(user, view, args.text('hash')));
}
