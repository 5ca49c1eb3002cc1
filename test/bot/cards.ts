/** Cards in every phase, as the voice page draws them, for snapshots and property tests. */
import type { CardData } from '../../src/reboot/card/card-facts.ts';
import {
  type Active,
  type Draining,
  type Failed,
  type GivenUp,
  type Reboot,
  type Rebooting,
  type RebootState,
  type Settling,
  type Succeeded,
} from '../../src/reboot/state/reboot.ts';
import type { Decision, HistoryEntry } from '../../src/reboot/state/decision.ts';
import type { Need } from '../../src/reboot/state/need.ts';
import type { Undo } from '../../src/reboot/state/undo-facts.ts';
import { hour, minute, second } from '../../src/reboot/time/time.ts';
import { anImpact, aBlock, aDecision, aNeed, aReboot, at, lee, mia, noon } from '../fakes/builders.ts';
import { type StaysCordoned } from '../../src/reboot/state/clean-up.ts';

export const cardNeed = (overrides: Partial<Need> = {}): Need =>
  aNeed({
    since: at(-3 * minute),
    packages: [
      { name: 'libc6', version: '2.39-0ubuntu8.3', risk: 'libc' },
      { name: 'linux-image-6.8.0-49-generic', version: '6.8.0-49.49', risk: 'kernel' },
      { name: 'dbus', risk: 'other' },
      { name: 'systemd', version: '255.4-1ubuntu8.4', risk: 'init' },
    ],
    digest: '4f1c9a77',
    riskDigest: 'b3',
    ...overrides,
  });

export const cardDecision = (overrides: Partial<Decision> = {}): Decision =>
  aDecision({
    digest: '4f1c9a77',
    riskDigest: 'b3',
    approvals: [{ by: mia, at: at(0), mode: 'now', digest: '4f1c9a77', riskDigest: 'b3' }],
    ...overrides,
  });

export const cardReboot = (overrides: Partial<Reboot> = {}): Reboot =>
  aReboot({
    createdAt: at(-3 * minute),
    need: cardNeed(),
    facts: {
      osImage: 'Ubuntu 24.04.1 LTS',
      controlPlane: false,
      zone: 'eu-1a',
      bootedAt: at(-41 * 24 * hour),
    },
    impact: anImpact(),
    state: { phase: 'Pending', since: at(-3 * minute), approvals: [] },
    ...overrides,
  });

export const aCard = (reboot: Partial<Reboot> = {}, overrides: Partial<CardData> = {}): CardData => ({
  cluster: 'prod-eu',
  channel: 'C0REBOOTS',
  reboot: cardReboot(reboot),
  blockers: [],
  approvers: { kind: 'named', users: ['U0LEE'], groups: ['S0ONCALL'] },
  approvalsNeeded: 1,
  approveNowAllowed: true,
  window: {
    opens: noon + 38 * hour,
    closes: noon + 41 * hour,
    label: 'Tue 02:00–05:00, Europe/Berlin',
    short: 'Tue 02:00',
    open: false,
  },
  rebootTimeout: 10 * minute,
  settleTime: minute,
  ...overrides,
});

export const cardDraining = (overrides: Partial<Draining> = {}): Draining => ({
  phase: 'Draining',
  since: at(second),
  deadline: at(15 * minute),
  decision: cardDecision(),
  cordon: 'us',
  drain: {
    at: at(30 * second),
    total: 14,
    gone: 9,
    leaving: ['web/front-1', 'web/front-2'],
    waiting: [],
    trouble: [],
  },
  ...overrides,
});

const drained = { startedAt: at(second), endedAt: at(111 * second), pods: 14 };

export const cardRebooting = (overrides: Partial<Rebooting> = {}): Rebooting => ({
  phase: 'Rebooting',
  since: at(111 * second),
  deadline: at(711 * second),
  decision: cardDecision(),
  cordon: 'us',
  drained,
  ...overrides,
});

export const cardSettling = (overrides: Partial<Settling> = {}): Settling => ({
  phase: 'Settling',
  since: at(202 * second),
  deadline: at(802 * second),
  decision: cardDecision(),
  cordon: 'us',
  drained,
  orderedAt: at(111 * second),
  newBootId: 'boot-2',
  kernel: '6.8.0-49-generic',
  missing: [],
  ...overrides,
});

export const cardSucceeded = (overrides: Partial<Succeeded> = {}): Succeeded => ({
  phase: 'Succeeded',
  since: at(252 * second),
  decision: cardDecision(),
  cordon: 'us',
  newBootId: 'boot-2',
  kernel: '6.8.0-49-generic',
  pods: 14,
  took: { drain: 110 * second, boot: 91 * second, settle: 51 * second, total: 252 * second },
  ...overrides,
});

export const cardFailed = (from: Active, overrides: Partial<Failed> = {}): Failed => ({
  phase: 'Failed',
  since: at(712 * second),
  code: 'did-not-come-back',
  sentence: 'Told to reboot at 12:01; nothing heard since, limit 10 min. Look at its console.',
  from,
  ...overrides,
});

export const cardGivenUp = (from: Active, overrides: Partial<GivenUp> = {}): GivenUp => {
  const { since: failedAt, ...failure } = cardFailed(from);
  const end = { since: at(hour), by: mia, failedAt, leaveCordoned: true };
  return { ...failure, phase: 'GivenUp', ...end, ...overrides };
};

const skipped: readonly HistoryEntry[] = [{ at: at(hour), what: 'skipped', by: mia }];

const owed = { cleanup: { since: at(minute) } };
const cleanedUp = (staysCordoned: StaysCordoned) => ({
  cleanup: { since: at(minute), endedAt: at(minute), staysCordoned },
});

const asked: HistoryEntry = { at: at(-2 * minute), what: 'denied', by: lee, reason: 'not on a Sunday' };

const withState = (state: RebootState, reboot: Partial<Reboot> = {}): Partial<Reboot> => ({
  ...reboot,
  state,
});

const anUndo = (): Undo => ({
  why: 'timeout',
  cause: 'budget db/pg allowed nothing for 15 min',
  times: 1,
  pods: ['db/pg-1'],
  budgets: ['db/pg'],
});
const undoneAt = at(16 * minute);
const undoneEntry = (next: string): HistoryEntry => ({
  at: undoneAt,
  what: 'undone',
  reason: `worker-03's drain was undone: budget db/pg allowed nothing for 15 min. The node takes pods again; ${next}.`,
});

const lapse = {
  at: at(minute),
  added: ['linux-image-6.8.0-50'],
  removed: ['linux-image-6.8.0-49'],
  before: cardDecision(),
};

/** One for each thing that a card can say. The names are those of the snapshot files. */
export const cards: Readonly<Record<string, CardData>> = {
  'pending-several-signals': aCard({
    need: cardNeed({
      packages: [],
      packagesLeftOut: 0,
      askedBy: [
        { name: 'kernel', reason: 'Kernel 6.8.0-49-generic is installed and 6.8.0-45-generic runs' },
        { name: 'kured.dev/RebootRequired', reason: 'Condition kured.dev/RebootRequired is True' },
        { name: 'uptime', reason: 'Up for longer than 60 d' },
      ],
    }),
  }),
  pending: aCard(),
  'pending-nobody': aCard({}, { approvers: { kind: 'nobody' } }),
  'pending-channel': aCard({}, { approvers: { kind: 'channel' } }),
  'pending-one-of-two': aCard(
    withState(
      { phase: 'Pending', since: at(0), approvals: cardDecision().approvals },
      { facts: { osImage: 'Talos', controlPlane: true } },
    ),
    { approvalsNeeded: 2 },
  ),
  'pending-automatic': aCard({}, { automatic: { at: noon + 38 * hour } }),
  'pending-beyond-rule': aCard(
    {},
    {
      beyondRule:
        'The rule of pool workers does not approve linux-image-6.8.0-49-generic: a person has to (autoApprove.packages).',
    },
  ),
  'pending-window-only': aCard({}, { approveNowAllowed: false }),
  'pending-window-open': aCard(
    {},
    {
      window: {
        opens: noon - hour,
        closes: noon + hour,
        label: 'Sun 12:00–14:00, Europe/Berlin',
        short: 'Sun 12:00',
        open: true,
      },
    },
  ),
  'pending-moved': aCard({
    ...withState({
      phase: 'Pending',
      since: at(minute),
      approvals: [],
      lapse: {
        at: at(minute),
        why: 'moved',
        fromPool: 'web',
        added: [],
        removed: [],
        before: cardDecision(),
      },
    }),
    history: [{ at: at(minute), what: 'moved', reason: 'Its node moved from pool web to pool workers.' }],
  }),
  'pending-expired': aCard(
    withState({
      phase: 'Pending',
      since: at(minute),
      approvals: [],
      lapse: { at: at(minute), why: 'expired', added: [], removed: [], before: cardDecision() },
    }),
  ),
  'pending-lapsed': aCard(withState({ phase: 'Pending', since: at(minute), approvals: [], lapse })),
  'pending-knows-little': aCard({
    need: cardNeed({ packages: [], kernel: { running: '6.8.0-45-generic' } }),
    impact: undefined,
  } as unknown as Partial<Reboot>),
  snoozed: aCard(
    withState({ phase: 'Snoozed', since: at(0), until: at(4 * hour), by: mia, reason: 'release at 14:00' }),
  ),
  denied: aCard(
    withState({ phase: 'Denied', since: at(0), by: lee, reason: 'not on a Sunday', riskDigest: 'b3' }),
  ),
  'pending-goes-down': aCard({
    impact: anImpact({
      lost: [],
      emptyDir: [],
      goesDown: [{ workload: 'Deployment shop/cart', wants: 1, ready: 1 }],
      room: {
        pods: 14,
        short: 2,
        without: [
          { pod: 'db/pg-0', reason: 'no other node matches its node selector' },
          { pod: 'shop/big', reason: 'needs 4 CPU, at most 2.5 CPU is free on one node' },
        ],
      },
    }),
  }),
  'approved-worse': aCard({
    state: { phase: 'Approved', since: at(0), decision: cardDecision() },
    impact: anImpact({
      goesDown: [{ workload: 'Deployment shop/cart', wants: 3, ready: 2 }],
      room: { pods: 14, short: 0, without: [] },
      afterDecision: {
        decision: at(0),
        lost: ['default/debug'],
        goesDown: ['Deployment shop/cart'],
        refusals: [],
      },
    }),
  }),
  'approved-now': aCard(withState({ phase: 'Approved', since: at(0), decision: cardDecision() })),
  'approved-waits': aCard(
    withState({ phase: 'Approved', since: at(0), decision: cardDecision({ mode: 'window' }) }),
    {
      blockers: [
        {
          code: 'outside-window',
          sentence: 'Its window opens later.',
          clears: 'It goes on when the window opens.',
          until: noon + 38 * hour,
        },
        {
          code: 'turn-taken',
          sentence: "worker-01 has the pool's one turn.",
          clears: 'It goes on when worker-01 is done.',
        },
      ],
    },
  ),
  'approved-by-window': aCard(
    withState({
      phase: 'Approved',
      since: at(0),
      decision: cardDecision({
        mode: 'window',
        approvals: [
          {
            by: { kind: 'window', pool: 'workers', window: 'Tue 02:00' },
            at: at(0),
            mode: 'window',
            digest: '4f1c9a77',
            riskDigest: 'b3',
          },
        ],
      }),
    }),
  ),
  cordoning: aCard(withState(without(cardDraining(), 'cordon', 'drain'))),
  draining: aCard(withState(cardDraining())),
  'draining-held-back': aCard(
    withState(
      cardDraining({
        drain: {
          at: at(0),
          total: 14,
          gone: 13,
          leaving: [],
          waiting: [aBlock()],
          trouble: ['The API server is slow.'],
        },
      }),
    ),
  ),
  'draining-forced': aCard(
    withState(cardDraining({ force: { by: lee, at: at(minute), reason: 'the database is in maintenance' } })),
  ),
  undoing: aCard(
    withState({
      phase: 'Undoing',
      since: at(15 * minute),
      decision: cardDecision(),
      cordon: 'us',
      undo: anUndo(),
    }),
  ),
  'undone-rests': aCard(
    withState(
      {
        phase: 'Approved',
        since: undoneAt,
        decision: cardDecision(),
        retry: { ...anUndo(), at: undoneAt, notBefore: at(46 * minute) },
      },
      { history: [undoneEntry('next try in 30 min, or as soon as the budget has room (1 of 3)')] },
    ),
    {
      blockers: [
        {
          code: 'drain-undone',
          sentence: 'Its drain was undone (1 of 3): budget db/pg allowed nothing for 15 min.',
          clears:
            'It is tried again when somebody retries it on its card, as soon as the budget has room, or when its pause is over.',
          until: noon + 46 * minute,
        },
      ],
    },
  ),
  'undone-needs-person': aCard(
    withState(
      {
        phase: 'Approved',
        since: undoneAt,
        decision: cardDecision(),
        retry: { ...anUndo(), times: 3, needsPerson: 'tried-enough', at: undoneAt },
      },
      {
        history: [
          {
            ...undoneEntry('next try in 30 min, or as soon as the budget has room (2 of 3)'),
            at: at(minute),
          },
          undoneEntry('that was the last of 3 tries, so somebody has to decide'),
        ],
      },
    ),
    {
      blockers: [
        {
          code: 'drain-needs-person',
          sentence: 'Its drain was undone 3 times: budget db/pg allowed nothing for 15 min.',
          clears: 'Retry, force or cancel it on its card.',
        },
      ],
    },
  ),
  'undone-forced': aCard(
    withState({
      phase: 'Approved',
      since: undoneAt,
      decision: cardDecision(),
      force: { by: lee, at: at(20 * minute), reason: 'the database is in maintenance' },
    }),
  ),
  rebooting: aCard(withState(cardRebooting({ downSince: at(120 * second) }))),
  'rebooting-in-trouble': aCard(withState(cardRebooting({ trouble: 'The agent says: the host refused.' }))),
  settling: aCard(
    withState(cardSettling({ missing: [{ code: 'not-ready', sentence: 'The node is not Ready.' }] })),
  ),
  succeeded: aCard(withState(cardSucceeded())),
  'succeeded-newer-kernel': aCard(withState(cardSucceeded({ newerKernel: '6.8.0-50-generic' }))),
  'succeeded-cordoned-by-other': aCard(
    withState(cardSucceeded({ cordon: 'other', kernel: '6.8.0-45-generic' }), cleanedUp('not-ours')),
  ),
  'succeeded-daemons-before': aCard({
    daemonsBefore: ['monitoring/exporter', 'kube-system/<cni>'],
    state: cardSucceeded(),
  }),
  'failed-reboot': aCard(withState(cardFailed(cardRebooting()))),
  'failed-drain': aCard(
    withState(
      cardFailed(cardDraining(), {
        code: 'drain-timeout',
        sentence: 'db/pg-1 waits for budget db/pg since 12:01, limit 15 min.',
      }),
      { history: [asked] },
    ),
  ),
  'failed-given-up': aCard(withState(cardGivenUp(cardRebooting()), { history: skipped, ...owed })),
  'failed-given-up-and-cleaned-up': aCard(withState(cardGivenUp(cardRebooting()), { history: skipped })),
  'failed-settling-given-up': aCard(
    withState(cardGivenUp(cardSettling(), { code: 'not-healthy', sentence: 'The node is not Ready.' })),
  ),
  'cancelled-cleanup-pending': aCard(
    withState({ phase: 'Cancelled', since: at(minute), by: mia, from: 'Draining' }, owed),
  ),
  cancelled: aCard(
    withState(
      { phase: 'Cancelled', since: at(minute), by: mia, from: 'Draining' },
      {
        history: [{ at: at(minute), what: 'cancelled', by: mia }],
      },
    ),
  ),
  'superseded-no-longer-required': aCard(
    withState({
      phase: 'Superseded',
      since: at(0),
      why: 'no-longer-required',
      from: 'Pending',
    }),
  ),
  superseded: aCard(withState({ phase: 'Superseded', since: at(0), why: 'booted', from: 'Pending' })),
  'succeeded-mark-removed': aCard(withState(cardSucceeded(), cleanedUp('not-ours'))),
  'succeeded-booted-again': aCard(withState(cardSucceeded(), cleanedUp('another-boot'))),
  'cancelled-mark-removed': aCard(
    withState({ phase: 'Cancelled', since: at(minute), by: mia, from: 'Draining' }, cleanedUp('not-ours')),
  ),
  'given-up-mark-removed': aCard(
    withState(cardGivenUp(cardDraining(), { leaveCordoned: false }), cleanedUp('not-ours')),
  ),
};

function without<T extends object, K extends keyof T>(value: T, ...keys: readonly K[]): Omit<T, K> {
  return Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key as K))) as Omit<T, K>;
}
