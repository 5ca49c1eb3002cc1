import type { Subcommand } from '../../../src/bot/command/subcommand.ts';
import { subcommands } from '../../../src/bot/command/subcommands.ts';
import { code, madeFrom, table } from './markdown.ts';

const permissions: Readonly<Record<Subcommand['permission'], string>> = {
  everybody: 'everybody',
  approvers: 'who may approve there',
};

const row = ([name, { usage, aliases, says, permission, kubectl }]: [string, Subcommand]): string[] => [
  [code(`${name} ${usage}`.trimEnd()), ...aliases.map(code)].join(', or '),
  says,
  permissions[permission],
  kubectl,
];

/** Every subcommand of `/reboot`, with what does the same in a terminal. */
export const commandsPage = (): string => `${madeFrom('src/bot/command/subcommands.ts')}
# What can be typed in Slack

Without a word, \`/reboot\` shows the status. The answer is seen by the person who typed, and by nobody else. What it changes shows on the
card and in its thread, with the person's name.

${table(['`/reboot …`', 'what it does', 'who may', 'with kubectl'], Object.entries(subcommands).map(row))}

The Home tab of the app shows the same for you alone: what waits for your decision, with its buttons, what runs, what is blocked and why, what failed, the
next windows and the last ten reboots of each cluster. It follows what happens for a quarter of an hour after you opened or used it.

"Who may approve there" are the approvers of the node's pool, and for the whole cluster those of any pool. They decide on a reboot in the
channel that has its card. Where the configuration says \`approvers: channel\`, \`now\`, \`pause\` and \`resume\` are typed there as well.
`;
