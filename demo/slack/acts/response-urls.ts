import type { SlackClock } from '../clock.ts';
import { type ChatDeps, erase, fromApp, updated } from '../api/chat.ts';
import { argsOf } from '../api/args.ts';
import { isEmpty, readContent, type Content } from '../api/content.ts';
import type { JsonObject } from '../json.ts';

/** The channel and person of a response through a response URL, and the message that it may replace. */
export interface ResponseTarget {
  readonly user: string;
  readonly channel: string;
  readonly threadTs?: string;
  /** The message whose button was pressed. */
  readonly source?: { readonly ts: string; readonly ephemeral: boolean };
}

export interface ResponseUrls {
  issue(target: ResponseTarget): string;
  /** Handles one POST as Slack does: the body is plain `ok`, or the error. */
  post(id: string, body: JsonObject): { readonly status: number; readonly body: string };
}

interface Issued {
  readonly target: ResponseTarget;
  readonly expires: number;
  uses: number;
}

const maxUses = 5;
const lifetime = 30 * 60_000;

export interface ResponseUrlDeps extends ChatDeps {
  readonly clock: SlackClock;
  readonly urlOf: (id: string) => string;
}

export function createResponseUrls(deps: ResponseUrlDeps): ResponseUrls {
  const issued = new Map<string, Issued>();
  return {
    issue(target) {
      const id = deps.ids.secret();
      issued.set(id, { target, expires: deps.clock.now() + lifetime, uses: 0 });
      return deps.urlOf(id);
    },
    post(id, body) {
      const found = issued.get(id);
      if (found === undefined) return { status: 404, body: 'not_found' };
      if (deps.clock.now() > found.expires) return { status: 404, body: 'expired_url' };
      if (found.uses >= maxUses) return { status: 404, body: 'used_url' };
      found.uses += 1;
      return answer(deps, found.target, body);
    },
  };
}

/** Also used for a response in the acknowledgement of a command. */
export function answer(
  deps: ChatDeps,
  target: ResponseTarget,
  body: JsonObject,
): { readonly status: number; readonly body: string } {
  const args = argsOf(body);
  if (args.flag('delete_original')) {
    removeSource(deps, target);
    return { status: 200, body: 'ok' };
  }
  const read = readContent(args, deps.ids);
  if ('refused' in read) return { status: 400, body: read.refused.error };
  if (isEmpty(read.content)) return { status: 400, body: 'no_text' };
  if (args.flag('replace_original') && target.source !== undefined) {
    return replaceSource(deps, target, read.content);
  }
  if (args.text('response_type') === 'in_channel') post(deps, target, read.content);
  else whisper(deps, target, read.content);
  return { status: 200, body: 'ok' };
}

function removeSource({ workspace }: ChatDeps, { user, channel, source }: ResponseTarget): void {
  if (source === undefined) return;
  if (source.ephemeral) {
    workspace.removeEphemeral(user, source.ts);
    return;
  }
  const message = workspace.message(channel, source.ts);
  if (message !== undefined) erase(workspace, message);
}

function replaceSource(
  { workspace }: ChatDeps,
  { user, channel, source }: ResponseTarget,
  content: Content,
): { readonly status: number; readonly body: string } {
  if (source?.ephemeral === true) {
    const old = workspace.ephemerals(user).find(({ ts }) => ts === source.ts);
    if (old === undefined) return { status: 404, body: 'message_not_found' };
    workspace.putEphemeral({ ...old, text: content.text ?? '', blocks: content.blocks ?? [] });
    return { status: 200, body: 'ok' };
  }
  const message = source === undefined ? undefined : workspace.message(channel, source.ts);
  if (message === undefined) return { status: 404, body: 'message_not_found' };
  workspace.put(updated(message, content, { broadcast: false, now: workspace.stamp() }));
  return { status: 200, body: 'ok' };
}

function post(deps: ChatDeps, { user, channel, threadTs }: ResponseTarget, content: Content): void {
  const place = { broadcast: false, ...(threadTs === undefined ? {} : { threadTs }) };
  deps.workspace.put({ ...fromApp(deps, channel, content, place), answerTo: user });
}

function whisper(
  { workspace }: ChatDeps,
  { user, channel, threadTs }: ResponseTarget,
  content: Content,
): void {
  workspace.putEphemeral({
    user,
    channel,
    ts: workspace.stamp(),
    text: content.text ?? '',
    blocks: content.blocks ?? [],
    ...(threadTs === undefined ? {} : { threadTs }),
    bySlackbot: false,
  });
}
