/** `/reboot pause`, `resume` and `now`. */
import type { Caller, Decisions, Refused } from '../../reboot/ports/decisions.ts';
import { isBlank } from '../../reboot/words/text.ts';
import { lines, message, type MessageView } from '../blocks.ts';
import { link, say } from '../escape.ts';
import { help } from '../views/answers/help.ts';
import { paused, resumed } from '../views/answers/pause-answers.ts';
import { answer } from './interaction-handler.ts';
import { isMistyped, durationArgument } from './parse-duration.ts';
import type { Invocation } from './invocation.ts';

/** `pause [cluster | POOL | NODE] [2h] [REASON]`: without a name it pauses the whole cluster. */
export async function pauseByName({ handler, payload, words }: Invocation): Promise<MessageView> {
  const named = words.length > 0 && durationArgument(words[0]) === undefined && !isMistyped(words[0]);
  const [what = 'cluster', ...rest] = named ? words : ['cluster', ...words];
  if (isMistyped(rest[0]))
    return answer(`"${rest[0]}" is no span, and nothing was paused. Spans look like 30m, 4h, 1h30m or 2d.`);
  const span = durationArgument(rest[0]);
  const reason = (span === undefined ? rest : rest.slice(1)).join(' ');
  const request = {
    what,
    ...(span === undefined ? {} : { until: handler.clock.now() + span }),
    ...(isBlank(reason) ? {} : { reason }),
  };
  const caller = await callerOf({ handler, payload });
  const result = await firstMatch(handler.clusters, what, (each) => each.pause(request, caller));
  return result.ok ? paused(result, payload.command) : answer(result.sentence);
}

export async function resumeByName({ handler, payload, words }: Invocation): Promise<MessageView> {
  const [what = 'cluster'] = words;
  const caller = await callerOf({ handler, payload });
  const result = await firstMatch(handler.clusters, what, (each) => each.resume(what, caller));
  return result.ok ? resumed(result, payload.command) : answer(result.sentence);
}

/** `now NODE [REASON]`: requests a reboot without a signal; it is decided on its card. */
export async function requestByName({ handler, payload, words, linkTo }: Invocation): Promise<MessageView> {
  const [node, ...rest] = words;
  if (node === undefined) return help(payload.command);
  const reasonText = rest.join(' ');
  const reason = isBlank(reasonText) ? undefined : reasonText;
  const caller = await callerOf({ handler, payload });
  const result = await firstMatch(handler.clusters, node, (each) => each.request(node, reason, caller));
  if (!result.ok) return answer(result.sentence);
  const url = linkTo(result.card);
  const where =
    url === undefined
      ? say`Its card follows: it is decided there.`
      : say`It is decided on ${link(url, 'its card')}.`;
  const delayed = result.delayed === undefined ? say`` : say` ${result.delayed}`;
  const text = say`You asked for a reboot of ${node}. ${where}${delayed}`;
  return message(text, lines([text]));
}

async function callerOf({ handler, payload }: Pick<Invocation, 'handler' | 'payload'>): Promise<Caller> {
  const { person } = await handler.directory.identify(payload.user_id, payload.team_id);
  return { person, channel: payload.channel_id };
}

/** With several clusters: the one that has a pool or node of that name. */
async function firstMatch<A extends { readonly ok: true }>(
  clusters: ReadonlyMap<string, Decisions>,
  what: string,
  query: (decisions: Decisions) => Promise<A | Refused>,
): Promise<A | Refused> {
  if (what === 'cluster' && clusters.size > 1)
    return { ok: false, sentence: `Which cluster? Name it: ${[...clusters.keys()].join(', ')}.` };
  let refusal: Refused = { ok: false, sentence: 'This Tugboot serves no cluster.' };
  for (const decisions of clusters.values()) {
    const result = await query(decisions);
    if (result.ok) return result;
    refusal = result;
  }
  return refusal;
}
