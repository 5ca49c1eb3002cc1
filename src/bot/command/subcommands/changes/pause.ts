/** `/reboot pause`: lets nothing start in the cluster, a pool or on a node. */
import type { PauseRequest } from '../../../../reboot/ports/decisions/decisions.ts';
import type { Instant } from '../../../../reboot/time/time.ts';
import { isBlank } from '../../../../reboot/words/text.ts';
import { answer } from '../../../listeners/interaction-handler.ts';
import { pausedAnswer } from '../../../views/answers/pause-answers.ts';
import { requestedIn } from '../../clusters.ts';
import { durationArgument, isInvalidDuration } from '../../parse-duration.ts';
import { type Parsed, subcommand } from '../../subcommand.ts';

export const pauseSubcommand = subcommand({
  aliases: [],
  usage: '[cluster | POOL | NODE] [2h] [REASON]',
  says: 'let nothing start there',
  permission: 'approvers',
  kubectl: 'an annotation of the node, or the ConfigMap `tugboot-pauses`: see [Pauses](operations.md#pauses)',
  ofCluster: ['cluster'],
  parse: pausing,
  answer: async (request, invocation) => {
    const result = await requestedIn(request.what, invocation, (decisions, caller) =>
      decisions.pause(request, caller),
    );
    return result.ok ? pausedAnswer(result, invocation.payload.command) : answer(result.sentence);
  },
});

/** Without a name it pauses the whole cluster. */
function pausing(words: readonly string[], now: Instant): Parsed<PauseRequest> {
  const named = words.length > 0 && durationArgument(words[0]) === undefined && !isInvalidDuration(words[0]);
  const [what = 'cluster', ...rest] = named ? words : ['cluster', ...words];
  if (isInvalidDuration(rest[0]))
    return {
      ok: false,
      sentence: `"${rest[0]}" is no duration, and nothing was paused. Durations look like 30m, 4h, 1h30m or 2d.`,
    };
  const duration = durationArgument(rest[0]);
  const reason = (duration === undefined ? rest : rest.slice(1)).join(' ');
  return {
    ok: true,
    parsed: {
      what,
      ...(duration === undefined ? {} : { until: now + duration }),
      ...(isBlank(reason) ? {} : { reason }),
    },
  };
}
