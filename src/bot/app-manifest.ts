/** The manifest of the Slack app. */
import { stringify } from 'yaml';
import { subcommands } from './command/subcommands.ts';

export interface ManifestOptions {
  readonly name: string;
  readonly command: string;
}

/** Scopes, each with its reason, printed as a comment: the person who installs the app has to justify it. */
const scopes: Readonly<Record<string, string>> = {
  'chat:write': 'post cards and threads, and answer those who click',
  commands: 'the slash command',
  'users:read': 'names, and who is a guest, a bot or deactivated',
  'usergroups:read': 'who belongs to the groups that may approve',
  'channels:read': 'whether a card can be posted to its channel, and who else reads there',
  'groups:read': 'the same for private channels',
  'channels:history': 'find a card whose post was not recorded, by its metadata, instead of posting it twice',
  'groups:history': 'the same in private channels',
};

/** The scopes of the bot token that the manifest asks for. */
export const botScopes: readonly string[] = Object.keys(scopes);

/** Slack's limits for these fields, in characters. */
export const manifestLimits = { name: 35, command: 32 } as const;

/** The manifest as YAML, with a comment for each scope. */
export function manifest({ name, command }: ManifestOptions): string {
  const text = stringify({
    display_information: {
      name,
      description: 'Approve Kubernetes node reboots, and have them carried out safely',
      background_color: '#1d3557',
    },
    features: {
      app_home: {
        home_tab_enabled: true,
        messages_tab_enabled: true,
        messages_tab_read_only_enabled: true,
      },
      bot_user: { display_name: name, always_online: true },
      slash_commands: [
        {
          command,
          description: 'Node reboots: what waits and why',
          usage_hint: `[${Object.keys(subcommands).join('|')}]`,
          should_escape: true,
        },
      ],
    },
    oauth_config: { scopes: { bot: [...botScopes] } },
    settings: {
      event_subscriptions: { bot_events: ['app_home_opened'] },
      interactivity: { is_enabled: true },
      socket_mode_enabled: true,
      org_deploy_enabled: false,
      token_rotation_enabled: false,
    },
  });
  return Object.entries(scopes).reduce(
    (yaml, [scope, why]) => yaml.replace(`- ${scope}\n`, `- ${scope} # ${why}\n`),
    text,
  );
}
