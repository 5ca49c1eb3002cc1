/** Test data with partial overrides: a test sets only the fields that it is about. */
import { departingByDefault } from '../../src/reboot/policy/departure.ts';
import { noHooks } from '../../src/reboot/deadlines/hook-waits.ts';
import type { NodeReport } from '../../src/reboot/nodes/node-report.ts';
import type { DrainPolicy, Policy, PoolPolicy } from '../../src/reboot/policy/policy.ts';
import type { MaintenanceWindow } from '../../src/reboot/policy/pool-windows.ts';
import { sentinelSignal } from '../../src/reboot/policy/pool-signal.ts';
import type { NodeView } from '../../src/reboot/nodes/node-view.ts';
import type { Person } from '../../src/reboot/approval/person.ts';
import type { Decision, Principal } from '../../src/reboot/state/decision.ts';
import type { BudgetBlock } from '../../src/reboot/state/drain-facts.ts';
import type { Impact } from '../../src/reboot/state/impact.ts';
import type { Need } from '../../src/reboot/state/need.ts';
import type { Reboot, RebootState } from '../../src/reboot/state/reboot.ts';
import { hour, minute, second, toTimestamp } from '../../src/reboot/time/time.ts';
import type { Schedule } from '../../src/reboot/windows/schedule.ts';

/** Sunday 2026-11-22 12:00 UTC: noon in all tests. */
export const noon = Date.UTC(2026, 10, 22, 12, 0, 0);

export const at = (offset: number): string => toTimestamp(noon + offset);

export const mia: Principal = { kind: 'user', id: 'U0MIA', name: 'mia' };
export const lee: Principal = { kind: 'user', id: 'U0LEE', name: 'lee' };

export const aPerson = (overrides: Partial<Person> = {}): Person => ({
  id: 'U0MIA',
  name: 'mia',
  groups: [],
  channels: ['C0OPS', 'C0REBOOTS'],
  guest: false,
  bot: false,
  deactivated: false,
  foreign: false,
  ...overrides,
});

export const aDrainPolicy = (overrides: Partial<DrainPolicy> = {}): DrainPolicy => ({
  timeout: 15 * minute,
  deleteEmptyDirData: true,
  podsWithoutController: 'refuse',
  skipPodsDeletingLongerThan: 0,
  onTimeout: 'undo',
  retryAfter: [5 * minute, 30 * minute],
  volumeDetachTimeout: 5 * minute,
  parallelism: 20,
  ...overrides,
});

export const aPool = (overrides: Partial<PoolPolicy> = {}): PoolPolicy => ({
  name: 'workers',
  selector: '',
  channel: 'C0OPS',
  signals: [sentinelSignal],
  unknownFor: 15 * minute,
  approvers: { kind: 'channel' },
  approval: 'manual',
  digestFrom: 0,
  noticePeriod: 12 * hour,
  approvalExpires: 7 * 24 * hour,
  askAgainAfter: 0,
  requesterApproves: true,
  reasonFor: [],
  windows: [],
  excludeDates: [],
  addDates: [],
  calendars: [],
  approveNowOutsideWindow: true,
  concurrency: 1,
  maxUnavailable: { count: 1 },
  minTimeBetween: { pool: 0, node: 0 },
  loopGuard: 0,
  finishInWindow: true,
  startWithoutSlack: true,
  whenWindowCloses: 'finish',
  giveUpTurnAfter: 0,
  gates: {
    blockingPods: [],
    podAnnotations: [],
    healthyPods: [],
    waitForJobs: 0,
    waitForPackageManager: 1_800_000,
    prometheus: [],
  },
  hooks: noHooks,
  ignoreDaemonSets: [],
  drain: aDrainPolicy(),
  expectKernel: 'asked',
  rebootTimeout: 10 * minute,
  settleTime: 60 * second,
  settleTimeout: 10 * minute,
  ...overrides,
});

export const aPolicy = (overrides: Partial<Policy> = {}): Policy => ({
  cluster: 'prod-eu',
  concurrency: 1,
  pools: [aPool()],
  departing: departingByDefault,
  history: { keep: 50, maxAge: 30 * 24 * hour },
  ...overrides,
});

export const aWindow = (overrides: Partial<MaintenanceWindow> = {}): MaintenanceWindow => ({
  days: ['tue'],
  start: 2 * 60,
  length: 3 * 60,
  timeZone: 'Europe/Berlin',
  ...overrides,
});

/** The schedule of a pool, the only part that windows.ts needs. */
export const aSchedule = (overrides: Partial<Schedule> = {}): Schedule => ({
  windows: [],
  excludeDates: [],
  addDates: [],
  calendars: [],
  ...overrides,
});

export const aNeed = (overrides: Partial<Need> = {}): Need => ({
  since: at(-minute),
  packages: [{ name: 'linux-image-6.8.0-49-generic', version: '6.8.0-49.49', risk: 'kernel' }],
  packagesLeftOut: 0,
  kernel: { running: '6.8.0-45-generic', next: '6.8.0-49-generic' },
  digest: '4f1c',
  riskDigest: 'aaaa',
  ...overrides,
});

export const aDecision = (overrides: Partial<Decision> = {}): Decision => ({
  mode: 'now',
  at: at(0),
  digest: '4f1c',
  riskDigest: 'aaaa',
  approvals: [{ by: mia, at: at(0), mode: 'now', digest: '4f1c', riskDigest: 'aaaa' }],
  ...overrides,
});

export const aBlock = (overrides: Partial<BudgetBlock> = {}): BudgetBlock => ({
  budget: 'db/pg',
  needed: 2,
  healthy: 2,
  allowed: 0,
  pod: 'db/pg-1',
  ...overrides,
});

export const anImpact = (overrides: Partial<Impact> = {}): Impact => ({
  at: at(-2 * minute),
  podsToMove: 14,
  podsStaying: 5,
  blockedBy: [aBlock()],
  lost: ['default/debug'],
  emptyDir: ['web/cache-0'],
  refusals: [],
  ...overrides,
});

export const pending: RebootState = { phase: 'Pending', since: at(-minute), approvals: [] };

export const aReboot = (overrides: Partial<Reboot> = {}): Reboot => ({
  name: 'worker-03-4f1c9a',
  node: { name: 'worker-03', uid: 'uid-worker-03' },
  bootId: 'boot-1',
  pool: 'workers',
  createdAt: at(-minute),
  need: aNeed(),
  facts: { osImage: 'Ubuntu 24.04.1 LTS', controlPlane: false },
  state: pending,
  chat: { replies: {} },
  history: [],
  version: '1',
  ...overrides,
});

export const aNode = (overrides: Partial<NodeView> = {}): NodeView => ({
  name: 'worker-03',
  uid: `uid-${overrides.name ?? 'worker-03'}`,
  bootId: 'boot-1',
  ready: true,
  unschedulable: false,
  labels: {},
  kernel: '6.8.0-45-generic',
  osImage: 'Ubuntu 24.04.1 LTS',
  ...overrides,
});

export const aReport = (overrides: Partial<NodeReport> = {}): NodeReport => ({
  required: 'yes',
  requiredSince: at(-minute),
  packages: [{ name: 'linux-image-6.8.0-49-generic', version: '6.8.0-49.49' }],
  packagesLeftOut: 0,
  kernel: { running: '6.8.0-45-generic', newest: '6.8.0-49-generic' },
  bootId: 'boot-1',
  agent: '0.1.0',
  ...overrides,
});
