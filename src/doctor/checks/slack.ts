/** Slack: both tokens, the scopes of the manifest, and the channels. */
import { botScopes } from '../../bot/app-manifest.ts';
import type { SlackProbe } from '../../bot/slack-probe.ts';
import { type Check, error, type Finding, ok, warning } from '../finding.ts';

export interface SlackCheckDeps {
  readonly slack: SlackProbe;
  /** The channels of the policy. */
  readonly channels: readonly string[];
}

export const slackChecks = (deps: SlackCheckDeps): readonly Check[] => [
  { name: 'slack bot token', run: () => botToken(deps) },
  { name: 'slack app token', run: () => appToken(deps) },
  { name: 'slack command', run: () => slashCommand(deps) },
  { name: 'slack channels', run: () => channels(deps) },
];

async function botToken({ slack }: SlackCheckDeps): Promise<readonly Finding[]> {
  const { body, scopes } = await slack.bot('auth.test', {});
  if (!body.ok)
    return [
      error(
        `Slack refuses SLACK_BOT_TOKEN (${body.error ?? 'no reason'}).`,
        'Take the bot token (xoxb-…) of the installed app: api.slack.com/apps, "OAuth & Permissions".',
      ),
    ];
  const missing = botScopes.filter((scope) => !scopes.includes(scope));
  const team = typeof body['team'] === 'string' ? ` of ${body['team']}` : '';
  if (missing.length === 0) return [ok(`The bot token works in the workspace${team}, with every scope.`)];
  return [
    error(
      `The bot token lacks ${missing.join(', ')}.`,
      'Add them in "OAuth & Permissions" (tugboot manifest prints what each is for), and install the app again.',
    ),
  ];
}

async function appToken({ slack }: SlackCheckDeps): Promise<readonly Finding[]> {
  const body = await slack.app('apps.connections.open');
  if (body.ok) return [ok('The app token opens connections.')];
  return [
    error(
      `Slack refuses SLACK_APP_TOKEN (${body.error ?? 'no reason'}).`,
      'Make an app-level token (xapp-…) with connections:write: api.slack.com/apps, "Basic Information".',
    ),
  ];
}

/** Slack does not list the commands of an app; without any the app does not get this scope. */
async function slashCommand({ slack }: SlackCheckDeps): Promise<readonly Finding[]> {
  const { body, scopes } = await slack.bot('auth.test', {});
  if (body.ok && scopes.includes('commands'))
    return [ok('The app has a slash command. Which one only Slack shows: type / in the channel.')];
  return [
    error(
      'The app has no slash command: people cannot type /reboot.',
      'Add it in "Slash Commands", as tugboot manifest prints it, and install the app again.',
    ),
  ];
}

async function channels({ slack, channels: wanted }: SlackCheckDeps): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const channel of new Set(wanted)) findings.push(await channelOf(slack, channel));
  return findings;
}

async function channelOf(slack: SlackProbe, channel: string): Promise<Finding> {
  const { body } = await slack.bot('conversations.info', { channel });
  const told = body['channel'] as
    | { readonly is_member?: boolean; readonly is_archived?: boolean; readonly is_ext_shared?: boolean }
    | undefined;
  if (!body.ok || told === undefined)
    return error(
      `Slack does not show channel ${channel} (${body.error ?? 'no reason'}).`,
      'Look at its id, and invite the bot where it is private.',
    );
  if (told.is_archived === true)
    return error(`Channel ${channel} is archived.`, 'Name another, or take it out of the archive.');
  if (told.is_member !== true)
    return error(`The bot is no member of channel ${channel}.`, 'Invite it there: /invite @Tugboot.');
  if (told.is_ext_shared === true)
    return warning(
      `Channel ${channel} is shared with another organisation, which reads the cards.`,
      'Use a channel of your own unless that is meant.',
    );
  return ok(`The bot is in channel ${channel}.`);
}
