/** One short line about a Reboot for `kubectl get reboots`: its blocker, its progress, or its failure. */
import type { Blocker } from '../../reboot/scheduling/blockers/blockers.ts';
import { pendingHook } from '../../reboot/deadlines/hook-waits.ts';
import type { Approved, Draining, RebootState, Superseded } from '../../reboot/state/reboot.ts';
import { inWords, toInstant } from '../../reboot/time/time.ts';
import { utcMoment } from '../../reboot/time/utc-text.ts';

/** In characters. With a name of 24 characters, the phase and the ages, a row has less than 100 columns. */
export const longestSummary = 44;

export function summaryOf(state: RebootState): string {
  const text = textOf(state).replaceAll(/\s+/g, ' ').trim();
  return text.length > longestSummary ? `${text.slice(0, longestSummary - 1)}…` : text;
}

function textOf(state: RebootState): string {
  const hook = pendingHook(state);
  if (hook) return `hook ${hook.run.said ?? 'is asked'}`;
  switch (state.phase) {
    case 'Pending':
      if (state.lapse) return 'needs a new decision: packages changed';
      return state.approvals.length > 0 ? 'needs more approvals' : 'needs a decision';
    case 'Snoozed':
      return `snoozed until ${utcMoment(toInstant(state.until))}`;
    case 'Denied':
      return `denied: ${state.reason}`;
    case 'Approved':
      return approved(state);
    case 'Draining':
      return draining(state);
    case 'Undoing':
      return `undoing its drain: ${state.undo.cause}`;
    case 'Rebooting':
      return state.trouble ?? (state.downSince === undefined ? 'told to reboot' : 'is down');
    case 'Settling':
      return first(state.missing) ?? 'is back and being watched';
    case 'Succeeded':
      return `rebooted in ${inWords(state.took.total)}`;
    case 'Failed':
      return `${state.code}: ${state.sentence}`;
    case 'GivenUp':
      return `given up: ${state.code}`;
    case 'Cancelled':
      return state.reason ?? 'cancelled';
    case 'Superseded':
      return ends[state.why];
  }
}

/** The first reason and the number of further ones. Only the reason is truncated, never the number. */
function first(reasons: readonly Pick<Blocker, 'sentence'>[]): string | undefined {
  const [one, ...others] = reasons;
  if (one === undefined || others.length === 0) return one?.sentence;
  const more = ` +${others.length}`;
  const room = longestSummary - more.length;
  return `${one.sentence.length > room ? `${one.sentence.slice(0, room - 1)}…` : one.sentence}${more}`;
}

const approved = ({ blockers = [] }: Approved): string =>
  first(blockers.filter(({ cleared }) => cleared === undefined)) ?? 'about to start';

function draining({ cordon, drain }: Draining): string {
  if (cordon === undefined) return 'to be cordoned';
  if (drain === undefined) return 'cordoned';
  const gone = `${drain.gone}/${drain.total} pods gone`;
  const [block] = drain.waiting;
  return block === undefined ? gone : `${gone}, waits for ${block.budget}`;
}

const ends: Readonly<Record<Superseded['why'], string>> = {
  booted: 'booted without Tugboot',
  'node-gone': 'the node is gone',
  'node-replaced': 'another machine has the name now',
  'no-longer-required': 'no longer asked for',
};
