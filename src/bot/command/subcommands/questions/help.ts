/** `/reboot help`: lists the subcommands. */
import { helpAnswer } from '../../../views/answers/help.ts';
import { type Subcommand, subcommand, type SubcommandFacts } from '../../subcommand.ts';

/** The table comes as a function, since this row is part of it. */
export const helpSubcommand = (table: () => Readonly<Record<string, SubcommandFacts>>): Subcommand =>
  subcommand({
    aliases: [],
    usage: '',
    says: 'this list',
    permission: 'everybody',
    kubectl: '`kubectl explain reboot.status`, `kubectl explain nodeagent.status`',
    parse: () => ({ ok: true, parsed: table() }),
    answer: async (rows, { payload }) => helpAnswer(rows, payload.command),
  });
