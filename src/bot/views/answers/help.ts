/** The answer to `/reboot help` and to an unknown subcommand. */
import { lines, message, type MessageView } from '../../blocks.ts';
import { joined, say, type Mrkdwn } from '../../escape.ts';
import { nearest } from '../../../reboot/words/nearest.ts';

/** Subcommands, with usage and description. */
export const subcommands = {
  status: { usage: 'status [NODE or POOL]', says: 'what runs, what waits, and for what' },
  why: { usage: 'why NODE', says: 'why a node does not start, or what it does' },
  plan: { usage: 'plan NODE', says: 'what its reboot would disturb' },
  windows: { usage: 'windows [POOL]', says: 'when reboots may start' },
  approve: { usage: 'approve NODE [window]', says: 'approve a reboot now, or for the next window' },
  snooze: { usage: 'snooze NODE [1h | 4h | 2d]', says: 'ask again later; 4 h if you say nothing' },
  deny: { usage: 'deny NODE REASON', says: 'say no, and why' },
  now: { usage: 'now NODE [REASON]', says: 'ask for a reboot that no signal asks for' },
  pause: { usage: 'pause [cluster | POOL | NODE] [2h] [REASON]', says: 'let nothing start there' },
  resume: { usage: 'resume [cluster | POOL | NODE]', says: 'let it go on, a halted rollout too' },
  help: { usage: 'help', says: 'this list' },
} as const;
export type Subcommand = keyof typeof subcommands;
export const isSubcommand = (word: string): word is Subcommand => Object.hasOwn(subcommands, word);

export function help(command: string, unknown?: string): MessageView {
  const list = Object.values(subcommands).map(({ usage, says }) => say`\`${command} ${usage}\` ${says}`);
  const text = joined([...hint(command, unknown), say`*What you can type*`, ...list], '\n');
  return message(text, lines([text]));
}

function hint(command: string, unknown: string | undefined): Mrkdwn[] {
  if (unknown === undefined) return [];
  const guess = nearest(unknown.slice(0, 64), Object.keys(subcommands));
  return [
    guess
      ? say`I do not know "${unknown}". Did you mean \`${command} ${guess}\`?`
      : say`I do not know "${unknown}".`,
  ];
}
