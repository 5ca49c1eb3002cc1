import type { ChangeFeed } from '../change-feed.ts';
import type { JsonObject } from '../json.ts';

/** `values[block_id][action_id]`, as in payloads. */
export type ViewValues = Readonly<Record<string, Readonly<Record<string, JsonObject>>>>;

export interface View {
  readonly id: string;
  readonly user: string;
  readonly kind: 'modal' | 'home';
  readonly hash: string;
  /** The view as sent by the app, with the fields that Slack adds. */
  readonly body: JsonObject;
  readonly externalId: string;
  readonly rootId: string;
  readonly previousId?: string;
  readonly values: ViewValues;
  /** The options that the app has answered for its menus so far. */
  readonly offered: readonly JsonObject[];
}

/** Stores the views: a stack of modals and one Home per person. Enforces no rules. */
export interface ViewTable {
  all(): readonly View[];
  stack(user: string): readonly View[];
  setStack(user: string, views: readonly View[]): void;
  home(user: string): View | undefined;
  /** Replaces the view with the same id. */
  swap(view: View, how?: 'silently'): void;
}

export function createViewTable(changes: ChangeFeed): ViewTable {
  const stacks = new Map<string, readonly View[]>();
  const homes = new Map<string, View>();
  const stack = (user: string): readonly View[] => stacks.get(user) ?? [];
  return {
    all: () => [...stacks.values()].flat().concat([...homes.values()]),
    stack,
    setStack(user, views) {
      stacks.set(user, views);
      changes.emit({ kind: 'modal', user });
    },
    home: (user) => homes.get(user),
    swap(view, how) {
      const { user, id, kind } = view;
      if (kind === 'home') homes.set(user, view);
      else {
        stacks.set(
          user,
          stack(user).map((other) => (other.id === id ? view : other)),
        );
      }
      if (how !== 'silently') changes.emit({ kind, user });
    },
  };
}
