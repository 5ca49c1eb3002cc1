/** Standard conditions of a Reboot, for kubectl wait and other tools. Derived, and never read back. */
import { z } from 'zod';
import { choice, list, type Stored, text, time } from '../../reboot/schema/field.ts';
import { isOpen } from '../../reboot/ownership/ownership.ts';
import type { Phase, Reboot, RebootState } from '../../reboot/state/reboot.ts';
import { decidedBy } from '../../reboot/words/words.ts';

const types = ['Approved', 'Started', 'Drained', 'Proven', 'Completed'] as const;
type ConditionType = (typeof types)[number];

/** `metav1.Condition`. */
const condition = z.object({
  type: choice(
    types,
    'Approved: a decision holds. Started: it had its turn. Drained: the node was empty. Proven: the new boot is proven. Completed: nothing is left to do.',
  ),
  status: choice(['True', 'False', 'Unknown'], 'Whether the condition holds.'),
  lastTransitionTime: time('When the status last changed.'),
  reason: text('Why, as one word.', 1024),
  message: text('Why, in words.'),
});
export type Condition = Stored<typeof condition>;

export const conditionsSchema = list(condition, 'Standard conditions, as kubectl wait reads them.', 20).meta({
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': ['type'],
});

type ConditionSource = Pick<Reboot, 'state' | 'history' | 'need' | 'cleanup'>;

export const conditionsOf = (reboot: ConditionSource, summary: string): readonly Condition[] =>
  types.map((type) => {
    const isTrue = isTrueNow(type, reboot);
    return {
      type,
      status: isTrue ? 'True' : 'False',
      lastTransitionTime: since(type, reboot, isTrue),
      ...reasonOf(type, reboot, { isTrue, summary }),
    };
  });

type Reached = Exclude<ConditionType, 'Completed'>;

const decided: readonly Phase[] = ['Approved', 'Draining', 'Undoing', 'Rebooting', 'Settling', 'Succeeded'];
const started = decided.slice(1);
const phasesWith: Readonly<Record<Reached, ReadonlySet<Phase>>> = {
  Approved: new Set(decided),
  Started: new Set(started),
  Drained: new Set(['Rebooting', 'Settling', 'Succeeded']),
  Proven: new Set(['Succeeded']),
};

/** Phases in which the conditions stay as in the phase before. */
const keeps: ReadonlySet<Phase> = new Set(['Failed', 'GivenUp', 'Cancelled', 'Superseded']);

/** Undefined: as before the phase. */
const isTrueIn = (type: Reached, phase: Phase): boolean | undefined =>
  keeps.has(phase) ? undefined : phasesWith[type].has(phase);

function isTrueNow(type: ConditionType, reboot: ConditionSource): boolean {
  const { state, history } = reboot;
  if (type === 'Completed') return !isOpen(reboot);
  const before =
    'from' in state ? (typeof state.from === 'string' ? state.from : state.from.phase) : undefined;
  return (
    isTrueIn(type, state.phase) ??
    (before && isTrueIn(type, before)) ??
    history.findLast(({ phase }) => phase !== undefined && isTrueIn(type, phase) === true) !== undefined
  );
}

/**
 * When the status last changed: the beginning of the earliest phase, going back through the history, with the
 * same status; the time of the need if the status was never different.
 */
function since(
  type: ConditionType,
  { state, history, need, cleanup }: ConditionSource,
  isTrue: boolean,
): string {
  if (type === 'Completed') return isTrue ? (cleanup?.endedAt ?? state.since) : endOfRun(history, need.since);
  let at: string | undefined;
  for (const entry of history.toReversed()) {
    if (entry.phase === undefined) continue;
    const wasTrue = isTrueIn(type, entry.phase);
    if (wasTrue !== undefined && wasTrue !== isTrue) return at ?? state.since;
    if (wasTrue === isTrue) at = entry.at;
  }
  return isTrue ? (at ?? state.since) : need.since;
}

const ends: ReadonlySet<Phase> = new Set(['Succeeded', 'GivenUp', 'Cancelled', 'Superseded']);

/** When the Reboot last came back from an end; `first` where it never ended. */
function endOfRun(history: ConditionSource['history'], first: string): string {
  const phases = history.filter(({ phase }) => phase !== undefined);
  const open = phases.findLastIndex(({ phase }, nth) => {
    const before = phases[nth - 1]?.phase;
    return phase !== undefined && !ends.has(phase) && before !== undefined && ends.has(before);
  });
  return phases[open]?.at ?? first;
}

/**
 * In CamelCase, as conditions require. If a code of another version is not a valid reason, the phase is used.
 */
function word(code: string, { phase }: RebootState): string {
  const words = code.replaceAll(/(?:^|[^A-Za-z0-9]+)([A-Za-z0-9])/g, (_match, letter: string) =>
    letter.toUpperCase(),
  );
  return /^[A-Za-z][A-Za-z0-9]*$/.test(words) ? words : phase;
}

function reasonOf(
  type: ConditionType,
  { state }: ConditionSource,
  { isTrue, summary }: { readonly isTrue: boolean; readonly summary: string },
): Pick<Condition, 'reason' | 'message'> {
  if (type === 'Approved' && isTrue) return { reason: 'Decided', message: decidedBy(state) ?? '' };
  if (state.phase === 'Failed' || (state.phase === 'GivenUp' && !isTrue))
    return { reason: word(state.code, state), message: state.sentence };
  if (state.phase === 'Approved' && !isTrue) {
    const blocker = state.blockers?.find(({ cleared }) => cleared === undefined);
    if (blocker) return { reason: word(blocker.code, state), message: blocker.sentence };
  }
  const [missing] = state.phase === 'Settling' && !isTrue ? state.missing : [];
  if (missing) return { reason: word(missing.code, state), message: missing.sentence };
  return { reason: state.phase, message: summary };
}
