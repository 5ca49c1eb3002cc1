/** The answer to `/reboot help`, to an unknown subcommand, and where an argument is missing. */
import { lines, message, type MessageView } from '../../blocks/blocks.ts';
import { joined, say, type Mrkdwn } from '../../blocks/escape.ts';
import { nearest } from '../../../reboot/words/nearest.ts';

export interface HelpLine {
  readonly aliases: readonly string[];
  readonly usage: string;
  readonly says: string;
}

/** By the name of the subcommand. */
export type HelpLines = Readonly<Record<string, HelpLine>>;

export function helpAnswer(table: HelpLines, command: string, unknown?: string): MessageView {
  const list = Object.entries(table).map(([name, line]) => helpLine(`${command} ${name}`, line));
  const several = say`Of several clusters: \`CLUSTER/NODE\` and \`CLUSTER/POOL\` where a name is in more than one, \`CLUSTER\` for all of one.`;
  const text = joined([...hint(table, command, unknown), say`*What you can type*`, ...list, several], '\n');
  return message(text, lines([text]));
}

function helpLine(command: string, { usage, says, aliases }: HelpLine): Mrkdwn {
  const also = aliases.map((alias) => say`, or \`${alias}\``);
  return say`\`${[command, usage].join(' ').trimEnd()}\` ${says}${joined(also, '')}`;
}

function hint(table: HelpLines, command: string, unknown: string | undefined): Mrkdwn[] {
  if (unknown === undefined) return [];
  const words = Object.entries(table).flatMap(([name, { aliases }]) => [name, ...aliases]);
  const guess = nearest(unknown.slice(0, 64), words);
  return [
    guess
      ? say`I do not know "${unknown}". Did you mean \`${command} ${guess}\`?`
      : say`I do not know "${unknown}".`,
  ];
}
