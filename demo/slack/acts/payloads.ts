import type { JsonObject } from '../json.ts';
import type { Channel, User } from '../workspace/records.ts';
import type { Workspace } from '../workspace/workspace.ts';

/** Verification tokens are long deprecated, but payloads in Socket Mode still carry one. */
const verificationToken = 'unused';

/** The fields common to all interactive payloads. */
export const interactionBase = ({ app, team }: Workspace, type: string, user: User): JsonObject => ({
  type,
  user: { id: user.id, username: user.name, name: user.name, team_id: user.teamId },
  api_app_id: app.id,
  token: verificationToken,
  team: { id: team.id, domain: team.domain },
  enterprise: null,
  is_enterprise_install: false,
});

export const commandPayload = (
  { app, team }: Workspace,
  who: { readonly user: User; readonly channel: Channel },
  call: {
    readonly command: string;
    readonly text: string;
    readonly responseUrl: string;
    readonly triggerId: string;
  },
): JsonObject => ({
  token: verificationToken,
  team_id: team.id,
  team_domain: team.domain,
  channel_id: who.channel.id,
  channel_name: who.channel.name,
  user_id: who.user.id,
  user_name: who.user.name,
  command: call.command,
  text: call.text,
  api_app_id: app.id,
  is_enterprise_install: 'false',
  response_url: call.responseUrl,
  trigger_id: call.triggerId,
});

export const eventPayload = (
  { app, team }: Workspace,
  event: JsonObject,
  call: { readonly id: string; readonly time: number },
): JsonObject => ({
  token: verificationToken,
  team_id: team.id,
  api_app_id: app.id,
  event,
  type: 'event_callback',
  event_id: call.id,
  event_time: call.time,
  authorizations: [
    {
      enterprise_id: null,
      team_id: team.id,
      user_id: app.botUser,
      is_bot: true,
      is_enterprise_install: false,
    },
  ],
  is_ext_shared_channel: false,
});
