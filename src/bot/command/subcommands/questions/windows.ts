/** `/reboot windows`: the next maintenance windows of all pools, or of one. */
import { answer } from '../../../listeners/interaction-handler.ts';
import { windowsAnswer as windowsView } from '../../../views/answers/windows-answer.ts';
import { inClusterOf } from '../../clusters.ts';
import { together } from '../../together.ts';
import { optionalName, subcommand } from '../../subcommand.ts';

export const windowsSubcommand = subcommand({
  aliases: [],
  usage: '[POOL]',
  says: 'when reboots may start',
  permission: 'everybody',
  kubectl: 'no: the bot computes them from its configuration and the calendars',
  parse: optionalName,
  ofCluster: [],
  answer: async (pool, invocation) => {
    if (pool !== undefined) {
      const reply = await inClusterOf(pool, invocation, (decisions) => decisions.windows(pool));
      return reply.ok ? windowsView(reply) : answer(reply.sentence);
    }
    const replies = await Promise.all([...invocation.handler.clusters.values()].map((one) => one.windows()));
    return together(replies.map((reply) => (reply.ok ? windowsView(reply) : answer(reply.sentence))));
  },
});
