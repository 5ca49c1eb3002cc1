import type { AgentView, NodeView, Observation } from '../../src/reboot/ports.ts';
import type { Need, Principal, Reboot } from '../../src/reboot/reboot.ts';
import { hour, toTimestamp, type Instant } from '../../src/reboot/time.ts';
import type { RebootEvent } from '../../src/reboot/transition/events.ts';

/** Something that can happen to a Reboot, in the words of the diagram. */
export interface Happening {
  readonly what: string;
  readonly event: RebootEvent;
  /** Long after the last event. */
  readonly late?: boolean;
}

const mia: Principal = { kind: 'user', id: 'U1', name: 'mia' };

export const happenings = (reboot: Reboot, now: Instant): readonly Happening[] => [
  ...decisions(reboot, now),
  ...carriedOut(now),
  ...seen(reboot),
];

const decisions = ({ need }: Reboot, now: Instant): readonly Happening[] => [
  { what: 'approved', event: { type: 'approved', by: mia, mode: 'now', digest: need.digest } },
  { what: 'snoozed', event: { type: 'snoozed', by: mia, until: now + hour } },
  { what: 'denied', event: { type: 'denied', by: mia, reason: 'not today' } },
  { what: 'asked again', event: { type: 'asked-again', by: mia } },
  { what: 'cancelled', event: { type: 'cancelled', by: mia } },
  { what: 'retried', event: { type: 'retried', by: mia } },
  { what: 'skipped', event: { type: 'skipped', by: mia } },
  { what: 'forced', event: { type: 'forced', by: mia, reason: 'now or never' } },
];

const carriedOut = (now: Instant): readonly Happening[] => [
  { what: 'turn taken', event: { type: 'turn-taken' } },
  { what: 'cordoned', event: { type: 'cordoned', owner: 'us' } },
  { what: 'drained', event: { type: 'drained', pods: 1 } },
  { what: 'drain failed', event: { type: 'drain-failed', code: 'drain-error', sentence: 'no' } },
  {
    what: 'drain told',
    event: {
      type: 'drain-progressed',
      progress: { at: toTimestamp(now), total: 1, gone: 0, leaving: [], waiting: [], trouble: [] },
    },
  },
  { what: 'tidied', event: { type: 'tidied' } },
];

const looked = (
  what: string,
  observation: Observation,
  more: { need?: Need; late?: boolean } = {},
): Happening => ({
  what,
  event: { type: 'observed', observation, ...(more.need ? { need: more.need } : {}) },
  ...(more.late ? { late: true } : {}),
});

/** What a fresh look at the node may show: other things before the boot than after it. */
function seen(reboot: Reboot): readonly Happening[] {
  const { state } = reboot;
  if (state.phase === 'Settling' || (state.phase === 'Failed' && state.from.phase === 'Settling'))
    return afterBoot;
  return state.phase === 'Superseded' ? [sentinelBack(reboot)] : beforeBoot(reboot);
}

const gone = looked('node gone', { daemonPodsNotReady: [] });

const afterBoot: readonly Happening[] = [
  looked('proven for the settle time', {
    node: node('boot-2'),
    agent: agent('boot-2', 'no'),
    daemonPodsNotReady: [],
  }),
  looked(
    'not proven in time',
    { node: { ...node('boot-2'), ready: false }, daemonPodsNotReady: [] },
    { late: true },
  ),
  looked('booted once more', { node: node('boot-3'), daemonPodsNotReady: [] }),
  gone,
];

const sentinelBack = ({ bootId, need }: Reboot): Happening =>
  looked(
    'sentinel back',
    { node: node(bootId), agent: agent(bootId, 'yes'), daemonPodsNotReady: [] },
    { need },
  );

function beforeBoot({ bootId, need }: Reboot): readonly Happening[] {
  const before = { node: node(bootId), agent: agent(bootId, 'yes'), daemonPodsNotReady: [] };
  const newRisk: Need = { ...need, digest: `${need.digest.slice(0, 2)}b`, riskDigest: 'r2' };
  return [
    looked('time is over', before, { need, late: true }),
    looked('riskier packages came', before, { need: newRisk }),
    looked('sentinel gone', { ...before, agent: agent(bootId, 'no') }),
    looked('uncordoned by somebody', { ...before, node: { ...node(bootId), unschedulable: false } }),
    looked('new boot', { node: { ...node('boot-2'), ready: false }, daemonPodsNotReady: [] }),
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
