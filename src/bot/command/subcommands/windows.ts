/** `/reboot windows`: the next maintenance windows of all pools, or of one. */
import { answer } from '../../listeners/interaction-handler.ts';
import { windowsAnswer as windowsView } from '../../views/answers/windows-answer.ts';
import { firstAccepted } from '../clusters.ts';
import { optionalName, subcommand } from '../subcommand.ts';

export const windowsSubcommand = subcommand({
  aliases: [],
  usage: '[POOL]',
  says: 'when reboots may start',
  permission: 'everybody',
  kubectl: 'no: the bot computes them from its configuration and the calendars',
  parse: optionalName,
  answer: async (pool, invocation) => {
    const reply = await firstAccepted(invocation, (decisions) => decisions.windows(pool));
    return reply.ok ? windowsView(reply) : answer(reply.sentence);
  },
});
