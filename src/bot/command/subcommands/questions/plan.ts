/** `/reboot plan`: a dry-run of the drain of a node, or when the reboots of a pool would start. */
import { answer } from '../../../listeners/interaction-handler.ts';
import { previewAnswer } from '../../../views/card/preview-lines.ts';
import { poolForecast } from '../../../views/answers/pool-forecast-answer.ts';
import { inClusterOf } from '../../clusters.ts';
import { nodeName, subcommand } from '../../subcommand.ts';

export const planSubcommand = subcommand({
  aliases: ['preview'],
  usage: 'NODE or POOL',
  says: 'what its reboot would disturb; which reboots of the pool come next, and when',
  permission: 'everybody',
  kubectl: '`.status.impact` of its Reboot: what the drain would disturb, once it has one',
  parse: nodeName,
  answer: async (of, invocation) => {
    const reply = await inClusterOf(of, invocation, (decisions) => decisions.preview(of));
    if (!reply.ok) return answer(reply.sentence);
    return reply.of === 'node' ? previewAnswer(reply) : poolForecast(reply);
  },
});
