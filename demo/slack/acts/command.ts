import { isObject, type JsonObject } from '../json.ts';
import type { Channel, User } from '../workspace/records.ts';
import { escapedText } from './command-text.ts';
import type { ActDeps } from './deps.ts';
import { commandPayload } from './payloads.ts';
import { answer } from './response-urls.ts';

/** Sends a slash command; its visible result arrives in the workspace. */
export async function runCommand(
  deps: ActDeps,
  who: { readonly user: User; readonly channel: Channel },
  line: string,
): Promise<'sent' | 'failed'> {
  const [command = '', ...words] = line.trim().split(/ +/);
  if (command !== deps.workspace.app.command) {
    slackbot(deps, who, `${command} is not a valid command.`);
    return 'failed';
  }
  const target = { user: who.user.id, channel: who.channel.id };
  const delivery = await deps.hub.deliver({
    type: 'slash_commands',
    payload: commandPayload(deps.workspace, who, {
      command,
      text: escapedText(deps.workspace, words.join(' ')),
      responseUrl: deps.responseUrls.issue(target),
      triggerId: deps.triggers.issue({ user: who.user.id, inModal: false }),
    }),
    acceptsResponse: true,
  });
  if (delivery.kind !== 'acked') {
    const error = delivery.kind === 'timeout' ? 'operation_timeout' : 'dispatch_failed';
    slackbot(deps, who, `${command} failed with the error "${error}"`);
    return 'failed';
  }
  const { payload } = delivery;
  if (hasContent(payload)) {
    const { status } = answer(deps, target, payload);
    if (status !== 200) slackbot(deps, who, `${command} failed with the error "invalid_command_response"`);
  }
  return 'sent';
}

const hasContent = (payload: unknown): payload is JsonObject =>
  isObject(payload) && ['text', 'blocks', 'attachments'].some((key) => payload[key] !== undefined);

const slackbot = (
  { workspace }: ActDeps,
  { user, channel }: { user: User; channel: Channel },
  text: string,
): void =>
  workspace.putEphemeral({
    user: user.id,
    channel: channel.id,
    ts: workspace.stamp(),
    text,
    blocks: [],
    bySlackbot: true,
  });
