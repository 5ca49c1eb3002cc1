/** `/reboot snooze`: asks again later. */
import { formatInTimeZone } from 'date-fns-tz';
import { isTimeOfDay, maxSnooze, type SnoozeUntil } from '../../../../reboot/approval/snooze-times.ts';
import { inWords, type Instant } from '../../../../reboot/time/time.ts';
import type { MessageView } from '../../../blocks/blocks.ts';
import { answer } from '../../../listeners/interaction-handler.ts';
import { endProblem, inZone } from '../../../listeners/snooze-input.ts';
import { decideOnTarget, noName, targets } from '../../decide-by-name.ts';
import type { Invocation } from '../../invocation.ts';
import { durationArgument } from '../../parse-duration.ts';
import { splitTarget } from '../../split-target.ts';
import { type Parsed, subcommand } from '../../subcommand.ts';
import { nothingFollows, typedGiven } from '../../typed-given.ts';
import { parseTime } from '../../parse-time.ts';

interface SnoozeArguments {
  readonly target: string;
  /** What was typed after `until` needs the zone of the person. */
  readonly until: SnoozeUntil | { readonly text: string };
  /** Of a duration: when it asks again, in words. */
  readonly length?: string;
  readonly reason?: string;
}

export const snoozeSubcommand = subcommand({
  aliases: [],
  decides: 'snooze',
  usage: `${targets} [1h | 2d | tonight | tomorrow | next-window | until TIME] [because REASON]`,
  says: 'ask again later; 4 h if you say nothing. TIME is one of yours: 18:00, fri 9:00, 2026-12-24',
  permission: 'approvers',
  kubectl: noName,
  ofCluster: ['all'],
  parse: snoozing,
  answer: snoozeTarget,
});

/** Words for the same. */
const moments: Readonly<Record<string, SnoozeUntil>> = {
  tonight: 'tonight',
  morning: 'morning',
  tomorrow: 'morning',
  window: 'next-window',
  'next-window': 'next-window',
};

function snoozing(words: readonly string[], now: Instant): Parsed<SnoozeArguments> {
  const split = splitTarget(words);
  if (split === undefined) return { ok: false };
  const { target } = split;
  const given = typedGiven(split.rest);
  if (given === undefined) return { ok: false, sentence: nothingFollows };
  const { rest } = given;
  const why = given.given.reason === undefined ? {} : { reason: given.given.reason };
  const text = rest.join(' ') || '4h';
  const moment = moments[text.toLowerCase()];
  if (moment !== undefined) return { ok: true, parsed: { target, until: moment, ...why } };
  if (rest[0]?.toLowerCase() === 'until')
    return rest.length > 1
      ? { ok: true, parsed: { target, until: { text: rest.slice(1).join(' ') }, ...why } }
      : { ok: false, sentence: 'Until when? A time looks like 18:00, fri 9:00 or 2026-12-24 9:00.' };
  const length = durationArgument(text);
  if (length === undefined)
    return {
      ok: false,
      sentence: `"${text}" is no duration. Durations look like 30m, 4h, 1h30m or 2d. You can also say tonight, tomorrow, next-window, or until and a time.`,
    };
  if (length > maxSnooze)
    return {
      ok: false,
      sentence: `${text} is too long: a reboot can be snoozed for ${inWords(maxSnooze)} at most. If it is not to happen at all, deny it.`,
    };
  return { ok: true, parsed: { target, until: now + length, length: `in ${inWords(length)}`, ...why } };
}

async function snoozeTarget(
  { target, until, length, reason }: SnoozeArguments,
  invocation: Invocation,
): Promise<MessageView> {
  const { handler, payload } = invocation;
  const { timeZone } = await handler.directory.identify(payload.user_id, payload.team_id);
  const now = handler.clock.now();
  const end = typeof until === 'object' ? endGiven(until.text, timeZone, now) : inZone(until, timeZone, now);
  if (typeof end === 'object') return answer(end.sentence);
  const again = length ?? whenWords(end, timeZone);
  return decideOnTarget(
    {
      target,
      request: { kind: 'snooze', until: end, ...(reason === undefined ? {} : { reason }) },
      confirmation: (name) => `${name} asks again ${again}.`,
    },
    invocation,
  );
}

function endGiven(
  text: string,
  timeZone: string | undefined,
  now: Instant,
): Instant | { readonly sentence: string } {
  if (timeZone === undefined)
    return { sentence: 'Slack does not say in which time zone you are. Say for how long, such as 4h or 2d.' };
  const end = parseTime(text, timeZone, now);
  if (end === undefined)
    return { sentence: `"${text}" is no time. A time looks like 18:00, fri 9:00 or 2026-12-24 9:00.` };
  const sentence = endProblem(end, now);
  return sentence === undefined ? end : { sentence };
}

function whenWords(until: SnoozeUntil, timeZone: string | undefined): string {
  if (typeof until === 'number') {
    const zone = timeZone ?? 'UTC';
    return `on ${formatInTimeZone(until, zone, 'EEE d MMM')} at ${formatInTimeZone(until, zone, 'HH:mm')} (${zone})`;
  }
  if (!isTimeOfDay(until)) return 'when its next window opens';
  return `${until === 'tonight' ? 'tonight at 20:00' : 'tomorrow at 9:00'}, in the zone of its pool`;
}
