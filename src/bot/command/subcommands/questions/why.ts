/** `/reboot why`: the blockers of a node, or the progress of its Reboot. */
import { answer } from '../../../listeners/interaction-handler.ts';
import { whyAnswer as whyView } from '../../../views/answers/why-answer.ts';
import { inClusterOf } from '../../clusters.ts';
import { nodeName, subcommand } from '../../subcommand.ts';

export const whySubcommand = subcommand({
  aliases: [],
  usage: 'NODE',
  says: 'why a node does not start, or what it does',
  permission: 'everybody',
  kubectl:
    '`kubectl get reboots`, column `Reason`, and with `-o wide` the sentence in `Waits-For`; all of it: `.status.blockers`',
  parse: nodeName,
  answer: async (node, invocation) => {
    const reply = await inClusterOf(node, invocation, (decisions) => decisions.why(node));
    return reply.ok ? whyView(reply.why) : answer(reply.sentence);
  },
});
