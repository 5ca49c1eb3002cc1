import { isObject, listAt, type JsonObject } from '../json.ts';
import type { View } from '../workspace/view-table.ts';
import { pressInView, pressOnMessage, type Press, type Pressed } from './block-action.ts';
import { runCommand } from './command.ts';
import type { ActDeps } from './deps.ts';
import { openHome } from './events.ts';
import { valuesOf, type Entries } from './input-values.ts';
import { suggest, type Suggestions } from './suggestions.ts';
import { closeView, submitView, type Submitted } from './view-submission.ts';

/** What a person sees in response to a command. */
export interface CommandResult {
  readonly kind: 'ephemeral' | 'message' | 'modal' | 'nothing';
  readonly text: string;
  readonly blocks: readonly JsonObject[];
  readonly view?: View;
}

/** A person at the keyboard. Every method resolves when Slack has shown its result. */
export interface Person {
  readonly id: string;
  click(at: { readonly ts: string; readonly channel?: string } & Press): Promise<Pressed>;
  /** Waits for the response for at most `timeoutMs` after the app has acknowledged. */
  command(
    line: string,
    options?: { readonly channel?: string; readonly timeoutMs?: number },
  ): Promise<CommandResult>;
  /** Submits the visible modal, or `view`. */
  submitModal(form?: { readonly view?: string; readonly values?: Entries }): Promise<Submitted>;
  clickInModal(what: Press & { readonly values?: Entries }): Promise<Pressed>;
  /** Types into a menu of the visible modal whose options the app answers. */
  searchInModal(what: { readonly action: string; readonly value: string }): Promise<Suggestions>;
  closeModal(view?: string): Promise<void>;
  modal(): View | undefined;
  openHome(): Promise<void>;
  home(): View | undefined;
  clickInHome(what: Press): Promise<Pressed>;
  say(text: string, options?: { readonly channel?: string; readonly threadTs?: string }): string;
}

export function personIn(deps: ActDeps, id: string, defaultChannel: string): Person {
  const { workspace, views } = deps;
  const me = () => {
    const user = workspace.user(id);
    if (user === undefined) throw new Error(`there is no user ${id}`);
    return user;
  };
  const modal = (view?: string): View => {
    const found =
      view === undefined ? views.stack(id).at(-1) : views.stack(id).find((other) => other.id === view);
    if (found === undefined) throw new Error(`${id} has no such modal open`);
    return found;
  };
  const home = (): View => {
    const view = views.home(id);
    if (view === undefined) throw new Error(`the app has published no Home for ${id}`);
    return view;
  };
  return {
    id,
    click: async ({ channel = defaultChannel, ...at }) => pressOnMessage(deps, me(), { channel, ...at }),
    command: async (line, { channel = defaultChannel, timeoutMs = 5000 } = {}) => {
      const place = workspace.channel(channel);
      if (place === undefined) throw new Error(`there is no channel ${channel}`);
      const result = watchForResult(deps, id, place.id);
      await runCommand(deps, { user: me(), channel: place }, line);
      return result(timeoutMs);
    },
    submitModal: async ({ view, values = {} } = {}) => submitView(deps, me(), modal(view), values),
    clickInModal: async ({ values = {}, ...what }) => {
      const top = modal();
      return pressInView(deps, me(), views.enter(top, valuesOf(top, values, top.offered)), what);
    },
    searchInModal: async (what) => suggest(deps, me(), modal(), what),
    closeModal: async (view) => closeView(deps, me(), modal(view)),
    modal: () => views.stack(id).at(-1),
    openHome: async () => void (await openHome(deps, id)),
    home: () => views.home(id),
    clickInHome: async (what) => pressInView(deps, me(), home(), what),
    say: (text, { channel = defaultChannel, threadTs } = {}) =>
      say(deps, { user: id, channel, text, ...(threadTs === undefined ? {} : { threadTs }) }),
  };
}

export function say(
  { workspace }: ActDeps,
  what: {
    readonly user: string;
    readonly channel: string;
    readonly text: string;
    readonly threadTs?: string;
  },
): string {
  const ts = workspace.stamp();
  workspace.put({
    ...what,
    ts,
    byApp: false,
    broadcast: false,
    tombstone: false,
    reactions: [],
    pinned: false,
  });
  return ts;
}

/** Records what is visible now, so that only something new counts as the response. */
function watchForResult({ workspace, views, changes }: ActDeps, user: string, channel: string) {
  const ephemerals = new Set(workspace.ephemerals(user).map(({ ts }) => ts));
  const messages = new Set(workspace.messages(channel).map(({ ts }) => ts));
  const modals = new Set(views.stack(user).map(({ id }) => id));
  const newest = (): CommandResult | undefined => {
    const view = views.stack(user).findLast(({ id }) => !modals.has(id));
    if (view !== undefined)
      return { kind: 'modal', text: '', blocks: listAt(view.body, 'blocks').filter(isObject), view };
    const ephemeral = workspace.ephemerals(user).findLast(({ ts }) => !ephemerals.has(ts));
    if (ephemeral !== undefined) return { kind: 'ephemeral', text: ephemeral.text, blocks: ephemeral.blocks };
    const message = workspace
      .messages(channel)
      .findLast(({ ts, answerTo }) => answerTo === user && !messages.has(ts));
    return message === undefined
      ? undefined
      : { kind: 'message', text: message.text, blocks: message.blocks ?? [] };
  };
  return async (timeoutMs: number): Promise<CommandResult> => {
    try {
      return await changes.until(newest, timeoutMs, 'an answer to the command');
    } catch {
      // No response is a result too; the caller decides what it means.
      return { kind: 'nothing', text: '', blocks: [] };
    }
  };
}
