/** `/reboot snooze`: asks again later. */
import { day, inWords, type Instant, type Millis } from '../../../reboot/time/time.ts';
import { decideTyped, noName, targets, type TypedDecision } from '../decide-by-name.ts';
import { durationArgument } from '../parse-duration.ts';
import { splitTarget } from '../split-target.ts';
import { type Parsed, subcommand } from '../subcommand.ts';

/** A longer snooze would be forgotten. */
const maxSnooze: Millis = 30 * day;

export const snoozeSubcommand = subcommand({
  aliases: [],
  usage: `${targets} [1h | 4h | 2d]`,
  says: 'ask again later; 4 h if you say nothing',
  permission: 'approvers',
  kubectl: noName,
  parse: snoozing,
  answer: decideTyped,
});

function snoozing(words: readonly string[], now: Instant): Parsed<TypedDecision> {
  const split = splitTarget(words);
  if (split === undefined) return { ok: false };
  const { target, rest } = split;
  const span = rest.join(' ') || '4h';
  const length = durationArgument(span);
  if (length === undefined)
    return { ok: false, sentence: `"${span}" is no span. Spans look like 30m, 4h, 1h30m or 2d.` };
  if (length > maxSnooze)
    return {
      ok: false,
      sentence: `${span} is too long: a reboot can be snoozed for ${inWords(maxSnooze)} at most. If it is not to happen at all, deny it.`,
    };
  return {
    ok: true,
    parsed: {
      target,
      request: { kind: 'snooze', until: now + length },
      confirmation: (name) => `${name} asks again in ${inWords(length)}.`,
    },
  };
}
