/** `/reboot resume`: ends a pause, and accepts what halts a rollout. */
import { answer } from '../../../listeners/interaction-handler.ts';
import { resumedAnswer } from '../../../views/answers/pause-answers.ts';
import { requestedIn } from '../../clusters.ts';
import { subcommand } from '../../subcommand.ts';

export const resumeSubcommand = subcommand({
  decides: 'go-on',
  aliases: ['unpause'],
  usage: '[cluster | POOL | NODE]',
  says: 'let it go on, a halted rollout too',
  permission: 'approvers',
  kubectl: 'what `pause` writes, taken away: see [Pauses](operations.md#pauses)',
  ofCluster: ['cluster'],
  parse: ([what = 'cluster']) => ({ ok: true, parsed: what }),
  answer: async (what, invocation) => {
    const result = await requestedIn(what, invocation, (decisions, caller) => decisions.resume(what, caller));
    return result.ok ? resumedAnswer(result, invocation.payload.command) : answer(result.sentence);
  },
});
