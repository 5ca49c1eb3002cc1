/** `/reboot plan`: a dry-run of the drain of a node. */
import { answer } from '../../listeners/interaction-handler.ts';
import { preview } from '../../views/card/preview-lines.ts';
import { firstAccepted } from '../clusters.ts';
import { nodeName, subcommand } from '../subcommand.ts';

export const planSubcommand = subcommand({
  aliases: ['preview'],
  usage: 'NODE',
  says: 'what its reboot would disturb',
  permission: 'everybody',
  kubectl: '`.status.impact` of its Reboot: what the drain would disturb, once it has one',
  parse: nodeName,
  answer: async (node, invocation) => {
    const reply = await firstAccepted(invocation, (decisions) => decisions.preview(node));
    return reply.ok ? preview(reply) : answer(reply.sentence);
  },
});
