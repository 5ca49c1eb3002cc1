import { departingByDefault } from '../../reboot/policy/departure.ts';
import { nearest } from '../../reboot/words/nearest.ts';
import { parseDuration } from '../../reboot/time/duration.ts';
import { clusterSignals } from '../../reboot/policy/pool-signal.ts';
import { found, type Problem } from './problems.ts';
import { defaultDrainTimeout } from '../schema/schema-parts.ts';

const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;

/**
 * Checks across settings, which a schema cannot express. They read the input as it was written, so that their
 * problems are reported together with those of the schema.
 */
export function problemsBetweenPools(input: unknown): readonly Problem[] {
  const pools = field(input, 'pools');
  if (!Array.isArray(pools)) return [];
  const names = pools.map((pool) => field(pool, 'name'));
  return pools.flatMap((pool: unknown, index): readonly Problem[] => {
    const name = names.indexOf(names[index]) < index ? duplicateName(names[index]) : undefined;
    const approval = windowlessApproval(pool, input);
    const closed = exclusionsWithoutWindow(pool, input);
    const approvalsNeeded = tooManyApprovals(pool, field(input, 'approvers'));
    const moved = selectorLabelConflicts(pool, pools);
    const signalsOfKind = hookKeyConflicts(pool, input);
    const giveUpTurnAfter = giveUpAfterTimeout(pool);
    const autoApprove = autoApproveWithoutRule(pool);
    const changeTicket = ticketWithRule(pool);
    const early = earlyEscalation(pool);
    return Object.entries({
      name,
      approval,
      approvalsNeeded,
      autoApprove,
      changeTicket,
      giveUpTurnAfter,
      'remind.escalate.after': early,
      ...closed,
      ...signalsOfKind,
      ...moved,
    }).flatMap(([setting, message]) =>
      message === undefined ? [] : [{ path: `pools[${index}].${setting}`, message }],
    );
  });
}

const duplicateName = (name: unknown): string | undefined =>
  typeof name === 'string'
    ? `${found(name)} Another pool has this name already. Give each its own.`
    : undefined;

function windowlessApproval(pool: unknown, file: unknown): string | undefined {
  return field(pool, 'approval') === 'window' && isWindowless(pool, file)
    ? 'Found "window". There is no window to approve in. Add `windows`, or write manual or auto.'
    : undefined;
}

/** `autoApprove` without a rule that approves has no effect, which its author cannot have meant. */
const autoApproveWithoutRule = (pool: unknown): string | undefined =>
  field(pool, 'autoApprove') !== undefined && (field(pool, 'approval') ?? 'manual') === 'manual'
    ? 'It limits a rule, and the pool has none: its approval is manual. Write `approval: window` or `auto`, or leave it out.'
    : undefined;

/** A rule has no change ticket, so that nothing would be approved by it. */
const ticketWithRule = (pool: unknown): string | undefined =>
  field(pool, 'changeTicket') !== undefined && (field(pool, 'approval') ?? 'manual') !== 'manual'
    ? 'A rule approves in this pool, and a rule has no change ticket. Write `approval: manual`, or leave it out.'
    : undefined;

const earlyEscalation = (pool: unknown): string | undefined => {
  const remind = field(pool, 'remind');
  const [first, later] = [field(remind, 'after'), field(field(remind, 'escalate'), 'after')];
  if (typeof first !== 'string' || typeof later !== 'string') return undefined;
  return (parseDuration(later) ?? Infinity) > (parseDuration(first) ?? 0)
    ? undefined
    : `${found(later)} Others are told after the approvers. Write more than ${first}.`;
};

const listIn = (value: unknown, name: string): readonly unknown[] => {
  const list = field(value, name);
  return Array.isArray(list) ? list : [];
};

/** True without windows in the pool and without a calendar whose events are windows. */
function isWindowless(pool: unknown, file: unknown): boolean {
  const windows = field(pool, 'windows');
  if (windows !== undefined && !(Array.isArray(windows) && windows.length === 0)) return false;
  const named = listIn(pool, 'calendars');
  return !listIn(file, 'calendars').some(
    (calendar) => field(calendar, 'use') === 'open' && named.includes(field(calendar, 'name')),
  );
}

/**
 * A pool without windows starts at any time. Settings that only close windows have no effect there, which
 * their author cannot have meant.
 */
function exclusionsWithoutWindow(pool: unknown, file: unknown): Readonly<Record<string, string>> {
  if (!isWindowless(pool, file)) return {};
  const lists = ['excludeDates', 'addDates', 'calendars'];
  return Object.fromEntries(
    lists
      .filter((name) => listIn(pool, name).length > 0)
      .map((name) => [
        name,
        `Found ${listIn(pool, name).length}. The pool has no window that this could be about: it starts at any time. Add \`windows\`.`,
      ]),
  );
}

/** A label of a pool's selector must not change during a reboot: the node would change its pool. */
function selectorLabelConflicts(pool: unknown, pools: readonly unknown[]): Readonly<Record<string, string>> {
  const labels = field(field(pool, 'hooks'), 'labels');
  const problems = ['before', 'after'].flatMap((when) =>
    keysOf(field(labels, when)).flatMap((key) => {
      const owner = pools.find((other) => selectorKeys(field(other, 'selector')).includes(key));
      if (owner === undefined) return [];
      const name = String(field(owner, 'name'));
      return [
        [
          `hooks.labels.${when}.${key}`,
          `The selector of pool ${name} looks at this label: with it the node would change its pool. Use another one.`,
        ] as const,
      ];
    }),
  );
  return Object.fromEntries(problems);
}

/**
 * A label or annotation that is a signal would request the next reboot; an annotation that marks a departing
 * node would end this one.
 */
function hookKeyConflicts(pool: unknown, file: unknown): Readonly<Record<string, string>> {
  const signals = listIn(file, 'pools').flatMap((each) => listIn(each, 'signals'));
  const leaving = new Set<unknown>([
    ...departingByDefault.annotations,
    ...listIn(field(file, 'departing'), 'annotations'),
  ]);
  const problems = (['label', 'annotation'] as const).flatMap((kind) => {
    const signalsOfKind = new Set(signals.flatMap((signal) => signalKeys(signal, kind)));
    return ['before', 'after'].flatMap((when) =>
      keysOf(field(field(field(pool, 'hooks'), `${kind}s`), when)).flatMap((key) => {
        const conflict = signalsOfKind.has(key)
          ? 'is a signal of a pool: it would ask for a reboot'
          : kind === 'annotation' && leaving.has(key)
            ? 'says that a node is on its way out (`departing`)'
            : undefined;
        return conflict === undefined
          ? []
          : [[`hooks.${kind}s.${when}.${key}`, `This ${kind} ${conflict}. Use another one.`] as const];
      }),
    );
  });
  return Object.fromEntries(problems);
}

/** Keys of a signal in the file: a predefined name, or a signal with a key of its own. */
function signalKeys(signal: unknown, kind: 'label' | 'annotation'): readonly unknown[] {
  if (typeof signal !== 'string') return [field(signal, kind)];
  return clusterSignals.flatMap((known) =>
    known.name === signal && 'key' in known && (known.kind === 'label') === (kind === 'label')
      ? [known.key]
      : [],
  );
}

const keysOf = (value: unknown): readonly string[] =>
  typeof value === 'object' && value !== null ? Object.keys(value) : [];

/** Keys of the labels in a selector, without their values. */
const selectorKeys = (selector: unknown): readonly string[] =>
  typeof selector !== 'string'
    ? []
    : selector
        .replaceAll(/\([^()]*\)/g, '')
        .split(',')
        .flatMap((clause) => /^\s*!?\s*([^\s=!]+)/.exec(clause)?.[1] ?? []);

/** Duplicate names, and references to calendars that do not exist. */
export function problemsBetweenCalendars(input: unknown): readonly Problem[] {
  const names = listIn(input, 'calendars').map((calendar) => field(calendar, 'name'));
  const taken = names.flatMap((name, index) =>
    typeof name === 'string' && names.indexOf(name) < index
      ? [
          {
            path: `calendars[${index}].name`,
            message: `${found(name)} Another calendar has this name already. Give each its own.`,
          },
        ]
      : [],
  );
  const unknown = listIn(input, 'pools').flatMap((pool, index) =>
    listIn(pool, 'calendars').flatMap((name, at) =>
      typeof name === 'string' && !names.includes(name)
        ? [{ path: `pools[${index}].calendars[${at}]`, message: unknownCalendar(name, names) }]
        : [],
    ),
  );
  return [...taken, ...unknown];
}

function unknownCalendar(name: string, names: readonly unknown[]): string {
  const known = names.filter((each) => typeof each === 'string');
  const meant = nearest(name, known);
  const guess = meant === undefined ? 'Describe it under `calendars` of the file.' : `Did you mean ${meant}?`;
  return `${found(name)} There is no such calendar. ${guess}`;
}

/** No reboot of the pool could be approved if it needs more approvals than there are approvers. */
function tooManyApprovals(pool: unknown, ofAll: unknown): string | undefined {
  const needed = field(pool, 'approvalsNeeded');
  const approvers = field(pool, 'approvers') ?? ofAll;
  const [users, groups] = [field(approvers, 'users'), field(approvers, 'groups')];
  if (typeof needed !== 'number' || !Array.isArray(users) || users.length === 0) return undefined;
  if (Array.isArray(groups) && groups.length > 0) return undefined;
  const people = new Set(users).size;
  if (needed <= people) return undefined;
  const who = people === 1 ? '1 person' : `${people} people`;
  return `Found ${needed}. Only ${who} may approve. Name more approvers, or need fewer approvals.`;
}

/** The turn would never be given up, since the drain fails at its timeout before that. */
function giveUpAfterTimeout(pool: unknown): string | undefined {
  const after = field(pool, 'giveUpTurnAfter');
  const timeout = field(field(pool, 'drain'), 'timeout') ?? defaultDrainTimeout;
  if (typeof after !== 'string' || typeof timeout !== 'string') return undefined;
  const [given, ends] = [parseDuration(after), parseDuration(timeout)];
  if (given === undefined || ends === undefined || given === 0 || given < ends) return undefined;
  return `${found(after)} The time of the drain is over after ${timeout} (\`drain.timeout\`): its turn would never be given up. Write less than that, or a longer \`drain.timeout\`.`;
}
