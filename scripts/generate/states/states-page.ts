import { effects, effectsOf } from '../../../src/reboot/effects/effects.ts';
import type { Phase } from '../../../src/reboot/state/reboot.ts';
import { stepOf } from '../../../src/reboot/machine/step.ts';
import { eventMeanings } from './event-meanings.ts';
import { code, madeFrom, table } from '../pages/markdown.ts';
import { type Edge, reachedReboots, walkMachine } from './walk-machine.ts';

/** The meaning of each phase, in the order of a successful reboot. */
const phases: Readonly<Record<Phase, string>> = {
  Pending: 'Waits for a decision. The card asks.',
  Snoozed: 'Put off until a time, then asked again.',
  Denied:
    'Somebody said no, and why. Asked again when somebody wants it, or when packages come that change the risk.',
  Approved: 'Decided. Waits for its window and its turn; its blockers say for what.',
  Draining: 'Holds a turn. The node is cordoned, then its pods are evicted.',
  Undoing:
    'Its drain is put back: nothing was rebooted. It waits for its next try by the same decision, or for a person to say how it goes on.',
  Rebooting: 'The order stands. Nobody can take it back.',
  Settling: 'A new boot was seen. It is believed when nothing has been missing for the settle time.',
  Succeeded: 'Proven: new boot, Ready, sentinel gone, expected kernel.',
  Failed: 'Needs a person. Keeps its turn, and halts its pool, until it is retried or skipped.',
  GivenUp: 'Failed, and skipped by a person. Its pool goes on.',
  Cancelled: 'Called off before the order.',
  Superseded: 'Nothing left to do: the node booted without us, went away, was replaced, or asks no more.',
};

export function statesPage(): string {
  const edges = walkMachine();
  return `${madeFrom('src/reboot/machine, walked through')}
# The states of a reboot

The machine is \`transition\` in [src/reboot/machine/transition.ts](../src/reboot/machine/transition.ts). It is pure and total: what comes
too late or makes no sense is refused with a sentence. The picture is made by trying everything in every state that can be reached.

\`\`\`mermaid
stateDiagram-v2
  [*] --> Pending
${arrows(edges).join('\n')}
\`\`\`

${table(['phase', 'meaning'], Object.entries(phases))}

## Every way from one phase to another

${table(
  ['from', 'to', 'when'],
  grouped(edges).map(({ from, to, whats }) => [from, to, whats.join('; ')]),
)}

## Every event

What comes to a Reboot, in the words of \`RebootEvent\` in [src/reboot/machine/events/events.ts](../src/reboot/machine/events/events.ts).

${table(
  ['event', 'meaning'],
  Object.entries(eventMeanings).map(([type, meaning]) => [code(type), meaning]),
)}

## Every effect

What a state requires to be done outside of the record. One table
([src/reboot/effects/effects.ts](../src/reboot/effects/effects.ts)), in the order in which effects are carried out. What is owed follows
from the state alone, so any bot that finds the Reboot after a crash owes the same. Each is idempotent and conditional on the boot.

${table(['effect', 'does', 'carried out again', 'after a crash', 'in the jobs'], effectRows())}

## What each state owes

${table(['state', 'owes, in this order'], owed())}
`;
}

interface PhasePair {
  readonly from: Phase;
  readonly to: Phase;
  readonly whats: readonly string[];
}

/** One entry per pair of phases, in the order of the phases; its events in alphabetical order. */
function grouped(edges: readonly Edge[]): readonly PhasePair[] {
  const order = Object.keys(phases) as readonly Phase[];
  return order.flatMap((from) =>
    order.flatMap((to): readonly PhasePair[] => {
      const whats = edges.filter((edge) => edge.from === from && edge.to === to).map(({ what }) => what);
      return whats.length === 0 ? [] : [{ from, to, whats: whats.toSorted() }];
    }),
  );
}

/** Superseded can be reached from every phase, which would clutter the diagram. The table has it. */
const arrows = (edges: readonly Edge[]): readonly string[] =>
  grouped(edges)
    .filter(({ to }) => to !== 'Superseded')
    .map(({ from, to, whats }) => `  ${from} --> ${to}: ${whats.join(', ')}`);

const at = '2026-01-01T00:00:00.000Z';
const by = { kind: 'kubernetes', name: 'nobody' } as const;
const decision = { mode: 'now', at, digest: '', riskDigest: '', approvals: [] } as const;
const draining = { phase: 'Draining', since: at, deadline: at, decision } as const;
const failed = {
  phase: 'Failed',
  since: at,
  code: 'drain-error',
  sentence: '',
  from: draining,
} as const;

const examples = {
  'Draining, not known to be cordoned': draining,
  'Pending, Snoozed, Denied, Approved, Settling': { phase: 'Pending', since: at, approvals: [] },
  'Draining, cordoned': { ...draining, cordon: 'us' },
  'Draining, in a wait of the pool': {
    ...draining,
    cordon: 'us',
    drainDelay: { since: at, until: at, over: false },
  },
  'Draining, before the order, with a hook': {
    ...draining,
    cordon: 'us',
    beforeHook: { since: at, until: at, pods: 0 },
  },
  Undoing: {
    phase: 'Undoing',
    since: at,
    decision,
    undo: { why: 'timeout', cause: '', times: 1, pods: [], budgets: [] },
  },
  Rebooting: {
    phase: 'Rebooting',
    since: at,
    deadline: at,
    decision,
    cordon: 'us',
    drained: { startedAt: at, endedAt: at, pods: 0 },
  },
  'Settling, proven, with a hook': {
    phase: 'Settling',
    since: at,
    deadline: at,
    decision,
    cordon: 'us',
    drained: { startedAt: at, endedAt: at, pods: 0 },
    orderedAt: at,
    newBootId: '',
    kernel: '',
    healthySince: at,
    missing: [],
    afterHook: { since: at, until: at },
  },
  Cancelled: { phase: 'Cancelled', since: at, by, from: 'Draining' },
  Superseded: { phase: 'Superseded', since: at, why: 'booted', from: 'Draining' },
  Succeeded: {
    phase: 'Succeeded',
    since: at,
    decision,
    cordon: 'us',
    newBootId: '',
    kernel: '',
    pods: 0,
    took: { drain: 0, boot: 0, settle: 0, total: 0 },
  },
  Failed: failed,
  GivenUp: { ...failed, phase: 'GivenUp', by, failedAt: at, leaveCordoned: false },
  'GivenUp, node not proven': { ...failed, phase: 'GivenUp', by, failedAt: at, leaveCordoned: true },
} as const;

const owed = (): readonly (readonly string[])[] =>
  Object.entries(examples).map(([name, state]) => [
    name,
    effectsOf({ state, cleanup: { since: at } })
      .map(({ name }) => name.replaceAll('-', ' '))
      .join(', '),
  ]);

/** The jobs are those of all states that the walk reaches. */
const effectRows = (): readonly (readonly string[])[] =>
  effects.map(({ name, owed: isOwed, does, repeated, crash }) => {
    const jobs = new Set(reachedReboots().filter(isOwed).map(stepOf));
    return [code(name), does, repeated, crash, [...jobs].sort().map(code).join(', ')];
  });
