import type { ChangeFeed } from '../change-feed.ts';
import type { Ids } from '../ids.ts';
import { objectsAt, textAt, type JsonObject } from '../json.ts';
import { limits } from '../validate/limits.ts';
import { withServerFields } from './server-fields.ts';
import { createViewTable, type View, type ViewValues } from './view-table.ts';

export type ViewError =
  | 'not_found'
  | 'hash_conflict'
  | 'duplicate_external_id'
  | 'push_limit_reached'
  | 'invalid_trigger_id';

export interface ViewStore {
  /** The stack of a person's modals, the visible one last. */
  stack(user: string): readonly View[];
  home(user: string): View | undefined;
  find(key: { readonly id: string } | { readonly externalId: string }): View | undefined;
  open(user: string, body: JsonObject): View | ViewError;
  push(user: string, body: JsonObject): View | ViewError;
  /** If a hash is given, only if the view still has it. */
  replace(view: View, body: JsonObject, hash: string): View | ViewError;
  publish(user: string, body: JsonObject, hash: string): View | ViewError;
  enter(view: View, values: ViewValues): View;
  /** Remembers the options that the app has answered for a menu of the view. */
  offer(view: View, options: readonly JsonObject[]): void;
  close(view: View): void;
  clear(user: string): void;
}

interface Deps {
  readonly ids: Ids;
  readonly changes: ChangeFeed;
}

export function createViewStore(deps: Deps): ViewStore {
  const table = createViewTable(deps.changes);
  const taken = (body: JsonObject, except?: View): boolean => {
    const externalId = textAt(body, 'external_id');
    return (
      externalId !== '' &&
      table.all().some((view) => view.externalId === externalId && view.id !== except?.id)
    );
  };
  return {
    stack: (user) => table.stack(user),
    home: (user) => table.home(user),
    find: (key) =>
      table.all().find((view) => ('id' in key ? view.id === key.id : isNamed(view, key.externalId))),
    open(user, body) {
      if (taken(body)) return 'duplicate_external_id';
      const view = newView(deps.ids, user, body);
      table.setStack(user, [view]);
      return view;
    },
    push(user, body) {
      const stack = table.stack(user);
      const top = stack.at(-1);
      if (top === undefined) return 'invalid_trigger_id';
      if (stack.length >= limits.viewDepth) return 'push_limit_reached';
      if (taken(body)) return 'duplicate_external_id';
      const view = { ...newView(deps.ids, user, body), rootId: top.rootId, previousId: top.id };
      table.setStack(user, [...stack, view]);
      return view;
    },
    replace(view, body, hash) {
      if (hash !== '' && hash !== view.hash) return 'hash_conflict';
      if (taken(body, view)) return 'duplicate_external_id';
      const next = { ...view, ...contentOf(deps.ids, body) };
      table.swap(next);
      return next;
    },
    publish(user, body, hash) {
      const old = table.home(user);
      if (hash !== '' && hash !== old?.hash) return 'hash_conflict';
      const fresh = newView(deps.ids, user, body);
      const next = old === undefined ? fresh : { ...fresh, id: old.id, rootId: old.id };
      table.swap(next);
      return next;
    },
    enter(view, values) {
      const entered = { ...view, values };
      // Entered values change no hash, and need no redraw.
      table.swap(entered, 'silently');
      return entered;
    },
    offer(view, options) {
      const now = table.all().find(({ id }) => id === view.id);
      if (now !== undefined) table.swap({ ...now, offered: [...now.offered, ...options] }, 'silently');
    },
    close: ({ user, id }) => table.setStack(user, without(table.stack(user), id)),
    clear: (user) => table.setStack(user, []),
  };
}

const without = (views: readonly View[], id: string): readonly View[] =>
  views.filter((view) => view.id !== id);

const isNamed = (view: View, externalId: string): boolean =>
  externalId !== '' && view.externalId === externalId;

const newHash = (ids: Ids): string => `${ids.next('')}.${ids.secret().slice(0, 8)}`;

const contentOf = (ids: Ids, body: JsonObject): Pick<View, 'hash' | 'body' | 'externalId'> => ({
  hash: newHash(ids),
  body: { ...body, blocks: withServerFields(objectsAt(body, 'blocks'), ids) },
  externalId: textAt(body, 'external_id'),
});

function newView(ids: Ids, user: string, body: JsonObject): View {
  const id = ids.next('V');
  const kind = body['type'] === 'home' ? 'home' : 'modal';
  return { id, user, kind, rootId: id, values: {}, offered: [], ...contentOf(ids, body) };
}
