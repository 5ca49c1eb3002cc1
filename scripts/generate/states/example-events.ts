import { pendingHook } from '../../../src/reboot/deadlines/hook-waits.ts';
import type { AgentView, Observation } from '../../../src/reboot/nodes/observation.ts';
import type { NodeView } from '../../../src/reboot/nodes/node-view.ts';
import type { Impact } from '../../../src/reboot/state/impact.ts';
import type { Need } from '../../../src/reboot/state/need.ts';
import type { Principal } from '../../../src/reboot/state/decision.ts';
import type { Reboot } from '../../../src/reboot/state/reboot.ts';
import { hour, minute, toTimestamp, type Instant } from '../../../src/reboot/time/time.ts';
import type { RebootEvent } from '../../../src/reboot/machine/events/events.ts';

/** An event of a Reboot, with its label in the diagram. */
export interface ExampleEvent {
  readonly what: string;
  readonly event: RebootEvent;
  /** Long after the last event. */
  readonly late?: boolean;
}

const mia: Principal = { kind: 'user', id: 'U1', name: 'mia' };

type EventType = RebootEvent['type'];
type ExamplesOf<T extends EventType> = (
  reboot: Reboot,
  now: Instant,
) => readonly (Omit<ExampleEvent, 'event'> & { readonly event: Extract<RebootEvent, { type: T }> })[];

export const exampleEvents = (reboot: Reboot, now: Instant): readonly ExampleEvent[] =>
  Object.values<(reboot: Reboot, now: Instant) => readonly ExampleEvent[]>(byType).flatMap((examplesOf) =>
    examplesOf(reboot, now),
  );

const gate = { code: 'alerts-firing', sentence: 'Alert A is active.', clears: 'It clears.' } as const;

/** One entry for each type of event: a new type does not compile until it has examples here. */
const byType: { readonly [T in EventType]: ExamplesOf<T> } = {
  approved: ({ need }) => [
    { what: 'approved', event: { type: 'approved', by: mia, mode: 'now', digest: need.digest } },
  ],
  snoozed: (_, now) => [{ what: 'snoozed', event: { type: 'snoozed', by: mia, until: now + hour } }],
  denied: () => [{ what: 'denied', event: { type: 'denied', by: mia, reason: 'not today' } }],
  'asked-again': () => [{ what: 'asked again', event: { type: 'asked-again', by: mia } }],
  requested: () => [{ what: 'requested', event: { type: 'requested', by: mia } }],
  cancelled: () => [{ what: 'cancelled', event: { type: 'cancelled', by: mia } }],
  retried: () => [{ what: 'retried', event: { type: 'retried', by: mia } }],
  skipped: () => [{ what: 'skipped', event: { type: 'skipped', by: mia } }],
  forced: () => [{ what: 'forced', event: { type: 'forced', by: mia, reason: 'now or never' } }],
  accepted: () => [{ what: 'accepted', event: { type: 'accepted', by: mia, reason: 'as it is' } }],
  moved: () => [{ what: 'moved to another pool', event: { type: 'moved', pool: 'other' } }],
  observed: observedEvents,
  assessed: (_, now) => [{ what: 'assessed', event: { type: 'assessed', impact: impactAt(now) } }],
  blocked: () => [
    { what: 'held back', event: { type: 'blocked', by: 'gatekeeper', blockers: [gate] } },
    { what: 'free', event: { type: 'blocked', by: 'gatekeeper', blockers: [] } },
    { what: 'waits', event: { type: 'blocked', by: 'plan', blockers: [gate] } },
  ],
  cleared: (_, now) => [{ what: 'cleared', event: { type: 'cleared', seenAt: now + minute } }],
  'turn-taken': () => [{ what: 'turn taken', event: { type: 'turn-taken' } }],
  undone: () => [
    { what: 'stuck', event: { type: 'undone', why: 'stuck' } },
    { what: 'deadlock', event: { type: 'undone', why: 'deadlock' } },
    { what: 'window closed', event: { type: 'undone', why: 'window-closed' } },
  ],
  cordoned: () => [{ what: 'cordoned', event: { type: 'cordoned', owner: 'us' } }],
  'drain-progressed': (_, now) => [
    {
      what: 'drain told',
      event: {
        type: 'drain-progressed',
        progress: { at: toTimestamp(now), total: 1, gone: 0, leaving: [], waiting: [], trouble: [] },
      },
    },
  ],
  drained: () => [{ what: 'drained', event: { type: 'drained', pods: 1 } }],
  'drain-failed': () => [
    { what: 'drain failed', event: { type: 'drain-failed', code: 'drain-error', sentence: 'no' } },
    { what: 'drain refused', event: { type: 'drain-failed', code: 'drain-refused', sentence: 'no' } },
  ],
  'hook-answered': hookAnswers,
  'silence-failed': () => [
    { what: 'alerts not silenced', event: { type: 'silence-failed', problem: 'it cannot be reached' } },
  ],
  reminded: () => [{ what: 'nobody decides', event: { type: 'reminded' } }],
  'hook-lost': () => [{ what: 'its hook is not kept', event: { type: 'hook-lost' } }],
  deleted: ({ bootId }) => [
    {
      what: 'its Reboot deleted',
      event: { type: 'deleted', observation: { node: node(bootId), daemonPodsNotReady: [] } },
    },
  ],
  'goes-down': () => [{ what: 'agent says that it goes down', event: { type: 'goes-down' } }],
  'cleaned-up': () => [{ what: 'cleaned up', event: { type: 'cleaned-up' } }],
};

function hookAnswers({ state }: Reboot): ReturnType<ExamplesOf<'hook-answered'>> {
  const asked = pendingHook(state);
  if (asked === undefined) return [];
  const by = { type: 'hook-answered', step: asked.step, since: asked.run.since } as const;
  const waits = { ...by, answer: { kind: 'wait', said: 'says not yet' } } as const;
  return [
    { what: 'hook says yes', event: { ...by, answer: { kind: 'done' } } },
    { what: 'hook says not yet', event: waits },
    { what: 'hook gave no yes in time', event: waits, late: true },
    { what: 'hook says no', event: { ...by, answer: { kind: 'failed', said: 'says no' } } },
  ];
}

const impactAt = (now: Instant): Impact => ({
  at: toTimestamp(now),
  podsToMove: 1,
  podsStaying: 0,
  blockedBy: [],
  lost: [],
  emptyDir: [],
  refusals: [],
});

type ObservedEvent = ReturnType<ExamplesOf<'observed'>>[number];

const observed = (
  what: string,
  observation: Observation,
  more: { need?: Need; late?: boolean } = {},
): ObservedEvent => ({
  what,
  event: { type: 'observed', observation, ...(more.need ? { need: more.need } : {}) },
  ...(more.late ? { late: true } : {}),
});

/** The possible results of reading the node: they differ before and after the boot. */
function observedEvents(reboot: Reboot): readonly ObservedEvent[] {
  const { state } = reboot;
  if (state.phase === 'Settling' || (state.phase === 'Failed' && state.from.phase === 'Settling'))
    return afterBoot;
  return state.phase === 'Superseded' ? [sentinelBack(reboot)] : beforeBoot(reboot);
}

const gone = observed('node gone', { daemonPodsNotReady: [] });

const afterBoot: readonly ObservedEvent[] = [
  observed('proven for the settle time', {
    node: node('boot-2'),
    agent: agent('boot-2', 'no'),
    daemonPodsNotReady: [],
  }),
  observed(
    'not proven in time',
    { node: { ...node('boot-2'), ready: false }, daemonPodsNotReady: [] },
    { late: true },
  ),
  observed('booted once more', { node: node('boot-3'), daemonPodsNotReady: [] }),
  gone,
];

const sentinelBack = ({ bootId, need }: Reboot): ObservedEvent =>
  observed(
    'sentinel back',
    { node: node(bootId), agent: agent(bootId, 'yes'), daemonPodsNotReady: [] },
    { need },
  );

function beforeBoot({ bootId, need }: Reboot): readonly ObservedEvent[] {
  const before = { node: node(bootId), agent: agent(bootId, 'yes'), daemonPodsNotReady: [] };
  const newRisk: Need = { ...need, digest: `${need.digest.slice(0, 2)}b`, riskDigest: 'r2' };
  return [
    observed('time is over', before, { need, late: true }),
    observed('riskier packages came', before, { need: newRisk }),
    observed('sentinel gone', { ...before, agent: agent(bootId, 'no') }),
    observed('uncordoned by somebody', { ...before, node: { ...node(bootId), unschedulable: false } }),
    observed('new boot', { node: { ...node('boot-2'), ready: false }, daemonPodsNotReady: [] }),
    gone,
  ];
}

function node(bootId: string): NodeView {
  return {
    name: 'n1',
    uid: 'uid-1',
    bootId,
    ready: true,
    unschedulable: true,
    labels: {},
    kernel: bootId === 'boot-1' ? '1' : '2',
    osImage: 'Linux',
  };
}

function agent(bootId: string, required: 'yes' | 'no'): AgentView {
  const kernel = { running: bootId === 'boot-1' ? '1' : '2' };
  return { node: 'n1', report: { required, packages: [], packagesLeftOut: 0, kernel, bootId, agent: '1' } };
}
