import * as fc from 'fast-check';
import type { Active, Phase, Reboot, RebootState } from '../../../src/reboot/state/reboot.ts';
import type { Approval, Decision, Principal } from '../../../src/reboot/state/decision.ts';
import { workloadKinds } from '../../../src/reboot/rollout/workloads.ts';

/** Text as it may come from hosts, people and clusters. */
const text = fc.string({ unit: 'grapheme', maxLength: 40 });
const count = fc.nat({ max: 10_000 });
const time = fc
  .date({ min: new Date('2020-01-01'), max: new Date('2040-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString());

const principal: fc.Arbitrary<Principal> = fc.oneof(
  fc.record({ kind: fc.constant('user' as const), id: text, name: text }),
  fc.record({ kind: fc.constant('window' as const), pool: text, window: text }),
  fc.record({ kind: fc.constant('rule' as const), pool: text }),
  fc.record({ kind: fc.constant('kubernetes' as const), name: text }),
);
const mode = fc.constantFrom('now' as const, 'window' as const);
const approval: fc.Arbitrary<Approval> = fc.record({
  by: principal,
  at: time,
  mode,
  digest: text,
  riskDigest: text,
});
const approvals = fc.array(approval, { maxLength: 2 });
const decision: fc.Arbitrary<Decision> = fc.record(
  {
    mode,
    at: time,
    digest: text,
    riskDigest: text,
    approvals,
    couldStart: time,
  },
  { requiredKeys: ['mode', 'at', 'digest', 'riskDigest', 'approvals'] },
);
const block = fc.record(
  {
    budget: text,
    needed: count,
    healthy: count,
    allowed: fc.integer({ min: -1, max: 3 }),
    pod: text,
    since: time,
    kind: fc.constantFrom('now' as const, 'never' as const),
    written: text,
    expected: count,
    unhealthy: fc.boolean(),
  },
  { requiredKeys: ['budget', 'needed', 'healthy', 'allowed', 'pod'] },
);
const cordon = fc.constantFrom('us' as const, 'other' as const);
const drain = fc.record(
  {
    at: time,
    total: count,
    gone: count,
    wentAt: time,
    leaving: fc.array(text, { maxLength: 2 }),
    waiting: fc.array(block, { maxLength: 2 }),
    trouble: fc.array(text, { maxLength: 2 }),
    kept: fc.array(
      fc.record(
        {
          pod: text,
          uid: text,
          why: fc.constantFrom('tolerates' as const, 'named' as const, 'again' as const),
          of: text,
        },
        { requiredKeys: ['pod', 'uid', 'why'] },
      ),
      { maxLength: 2 },
    ),
  },
  { requiredKeys: ['at', 'total', 'gone', 'leaving', 'waiting', 'trouble'] },
);
const drained = fc.record({ startedAt: time, endedAt: time, pods: count });
const force = fc.record({ by: principal, at: time, reason: text });
const missing = fc.array(
  fc.record({
    code: fc.constantFrom(
      'not-ready' as const,
      'no-report' as const,
      'still-required' as const,
      'still-asked' as const,
      'wrong-kernel' as const,
      'daemon-pods' as const,
    ),
    sentence: text,
  }),
  { maxLength: 2 },
);

const delay = { since: time, until: time, over: fc.boolean() };
const hookKeys = ['since', 'until'] as const;
const hookRun = { since: time, until: time, askedAt: time, said: text, endedAt: time };
const running = { since: time, deadline: time, decision };
const draining = fc.record(
  {
    phase: fc.constant('Draining' as const),
    ...running,
    cordon,
    drain,
    force,
    undone: fc.nat({ max: 9 }),
    drainDelay: fc.record(delay),
    rebootDelay: fc.record({ ...delay, pods: count }),
    beforeHook: fc.record({ ...hookRun, pods: count }, { requiredKeys: [...hookKeys, 'pods'] }),
  },
  { requiredKeys: ['phase', 'since', 'deadline', 'decision'] },
);
const rebooting = fc.record(
  { phase: fc.constant('Rebooting' as const), ...running, cordon, drained, downSince: time, trouble: text },
  { requiredKeys: ['phase', 'since', 'deadline', 'decision', 'cordon', 'drained'] },
);
const settling = fc.record(
  {
    phase: fc.constant('Settling' as const),
    ...running,
    cordon,
    drained,
    orderedAt: time,
    newBootId: text,
    kernel: text,
    healthySince: time,
    missing,
    afterHook: fc.record(hookRun, { requiredKeys: [...hookKeys] }),
  },
  {
    requiredKeys: [
      'phase',
      'since',
      'deadline',
      'decision',
      'cordon',
      'drained',
      'orderedAt',
      'newBootId',
      'kernel',
      'missing',
    ],
  },
);
const active: fc.Arbitrary<Active> = fc.oneof(draining, rebooting, settling);

const phase: fc.Arbitrary<Phase> = fc.constantFrom(
  'Pending',
  'Snoozed',
  'Denied',
  'Approved',
  'Draining',
  'Undoing',
  'Rebooting',
  'Settling',
  'Succeeded',
  'Failed',
  'Cancelled',
  'Superseded',
);
const failure = fc.constantFrom(
  'drain-refused' as const,
  'drain-timeout' as const,
  'drain-error' as const,
  'uncordoned-by-other' as const,
  'did-not-reboot' as const,
  'did-not-come-back' as const,
  'not-healthy' as const,
  'still-required' as const,
  'wrong-kernel' as const,
  'rebooted-again' as const,
  'hook-failed' as const,
);
const undoFields = {
  why: fc.constantFrom(
    'timeout' as const,
    'refused' as const,
    'error' as const,
    'window-closed' as const,
    'stuck' as const,
    'deadlock' as const,
  ),
  cause: text,
  times: count,
  pods: fc.array(text, { maxLength: 2 }),
  budgets: fc.array(text, { maxLength: 2 }),
  needsPerson: fc.constantFrom('tried-enough' as const, 'cannot-succeed' as const, 'forced' as const),
};
const undoKeys = ['why', 'cause', 'times', 'pods', 'budgets'] as const;
const undo = fc.record(undoFields, { requiredKeys: [...undoKeys] });
const retry = fc.record({ ...undoFields, at: time, notBefore: time }, { requiredKeys: [...undoKeys, 'at'] });
const blocker = fc.record({
  code: fc.constantFrom('alerts-firing' as const, 'webhook-refused' as const),
  sentence: text,
  clears: text,
});
const took = fc.record({ drain: count, boot: count, settle: count, total: count });
const lapse = fc.record(
  {
    at: time,
    why: fc.constantFrom('expired' as const, 'moved' as const),
    fromPool: text,
    added: fc.array(text, { maxLength: 2 }),
    removed: fc.array(text, { maxLength: 2 }),
    before: decision,
  },
  { requiredKeys: ['at', 'added', 'removed'] },
);
const givenUp = fc.record({ by: principal, at: time, leaveCordoned: fc.boolean() });
const tidied = fc.boolean();
const staysCordoned = fc.constantFrom('not-ours' as const, 'another-boot' as const, 'goes-down' as const);
const goesDown = fc.record({ since: time, until: time, overdue: fc.boolean() });

export const arbitraryState: fc.Arbitrary<RebootState> = fc.oneof(
  fc.record(
    { phase: fc.constant('Pending' as const), since: time, approvals, lapse },
    { requiredKeys: ['phase', 'since', 'approvals'] },
  ),
  fc.record(
    { phase: fc.constant('Snoozed' as const), since: time, until: time, by: principal, reason: text },
    { requiredKeys: ['phase', 'since', 'until', 'by'] },
  ),
  fc.record({
    phase: fc.constant('Denied' as const),
    since: time,
    by: principal,
    reason: text,
    riskDigest: text,
  }),
  fc.record(
    {
      phase: fc.constant('Approved' as const),
      since: time,
      decision,
      retry,
      force,
      held: fc.record(
        { at: time, blockers: fc.array(blocker, { maxLength: 2 }), cleared: time },
        { requiredKeys: ['at', 'blockers'] },
      ),
      jobs: fc.record({ waited: fc.nat(), since: time }, { requiredKeys: ['waited'] }),
      waits: fc.record({ at: time, blockers: fc.array(blocker, { maxLength: 2 }) }),
    },
    { requiredKeys: ['phase', 'since', 'decision'] },
  ),
  active,
  fc.record(
    { phase: fc.constant('Undoing' as const), since: time, decision, cordon, undo, goesDown },
    { requiredKeys: ['phase', 'since', 'decision', 'undo'] },
  ),
  fc.record(
    {
      phase: fc.constant('Succeeded' as const),
      since: time,
      decision,
      cordon,
      newBootId: text,
      kernel: text,
      newerKernel: text,
      pods: count,
      took,
      tidied,
      staysCordoned,
      goesDown,
    },
    {
      requiredKeys: ['phase', 'since', 'decision', 'cordon', 'newBootId', 'kernel', 'pods', 'took', 'tidied'],
    },
  ),
  fc.record(
    {
      phase: fc.constant('Failed' as const),
      since: time,
      code: failure,
      sentence: text,
      from: active,
      givenUp,
      tidied,
      staysCordoned,
      goesDown,
    },
    { requiredKeys: ['phase', 'since', 'code', 'sentence', 'from', 'tidied'] },
  ),
  fc.record(
    {
      phase: fc.constant('Cancelled' as const),
      since: time,
      by: principal,
      reason: text,
      from: phase,
      tidied,
      staysCordoned,
      goesDown,
    },
    { requiredKeys: ['phase', 'since', 'by', 'from', 'tidied'] },
  ),
  fc.record(
    {
      phase: fc.constant('Superseded' as const),
      since: time,
      why: fc.constantFrom(
        'booted' as const,
        'node-gone' as const,
        'node-replaced' as const,
        'no-longer-required' as const,
      ),
      from: phase,
      tidied,
      staysCordoned,
      goesDown,
    },
    { requiredKeys: ['phase', 'since', 'why', 'from', 'tidied'] },
  ),
);

const risk = fc.constantFrom(
  'kernel' as const,
  'libc' as const,
  'init' as const,
  'firmware' as const,
  'crypto' as const,
  'other' as const,
);
const aPackage = fc.record({ name: text, version: text, risk }, { requiredKeys: ['name', 'risk'] });
const asker = fc.record({ name: text, reason: text }, { requiredKeys: ['name'] });
const need = fc.record(
  {
    since: time,
    packages: fc.array(aPackage, { maxLength: 4 }),
    packagesLeftOut: count,
    kernel: fc.record({ running: text, next: text }, { requiredKeys: ['running'] }),
    digest: text,
    riskDigest: text,
    askedBy: fc.array(asker, { maxLength: 3 }),
    person: fc.record({ by: principal, at: time, reason: text }, { requiredKeys: ['by', 'at'] }),
  },
  { requiredKeys: ['since', 'packages', 'packagesLeftOut', 'kernel', 'digest', 'riskDigest'] },
);
const facts = fc.record(
  { osImage: text, controlPlane: fc.boolean(), zone: text, bootedAt: time },
  { requiredKeys: ['osImage', 'controlPlane'] },
);
const titles = fc.array(text, { maxLength: 2 });
const impact = fc.record(
  {
    at: time,
    podsToMove: count,
    podsStaying: count,
    blockedBy: fc.array(block, { maxLength: 2 }),
    lost: titles,
    emptyDir: titles,
    refusals: titles,
    goesDown: fc.array(
      fc.record(
        { workload: text, wants: count, ready: count },
        { requiredKeys: ['workload', 'ready'], noNullPrototype: true },
      ),
      { maxLength: 2 },
    ),
    room: fc.record({
      pods: count,
      short: count,
      without: fc.array(fc.record({ pod: text, reason: text }), { maxLength: 2 }),
    }),
    daemonsNotReady: titles,
    comeBack: fc.array(
      fc.record({ pod: text, why: fc.constantFrom('tolerates' as const, 'named' as const) }),
      { maxLength: 2 },
    ),
    askToStay: fc.array(fc.record({ pod: text, by: text }), { maxLength: 2 }),
    slow: fc.record({
      timeout: count,
      pods: fc.array(fc.record({ pod: text, grace: count }), { maxLength: 2 }),
    }),
    nodeNotReady: fc.boolean(),
    afterDecision: fc.record(
      { decision: time, lost: titles, goesDown: titles, refusals: titles, nodeNotReady: fc.boolean() },
      { requiredKeys: ['decision', 'lost', 'goesDown', 'refusals'], noNullPrototype: true },
    ),
  },
  {
    requiredKeys: ['at', 'podsToMove', 'podsStaying', 'blockedBy', 'lost', 'emptyDir', 'refusals'],
    noNullPrototype: true,
  },
);
const chat = fc.record(
  {
    card: fc.record({ channel: text, ts: text, hash: text }),
    former: fc.record({ channel: text, ts: text }),
    posting: fc.record({ channel: text, at: time }),
    progress: fc.record({ ts: text, hash: text, at: time }),
    digest: fc.record({ channel: text, ts: text, target: text, hash: text }),
    replies: fc.dictionary(fc.stringMatching(/^[a-z-]{1,12}$/), text, { maxKeys: 3, noNullPrototype: true }),
  },
  { requiredKeys: ['replies'] },
);
const what = fc.constantFrom(
  'approved' as const,
  'snoozed' as const,
  'denied' as const,
  'cancelled' as const,
  'retried' as const,
  'skipped' as const,
  'forced' as const,
  'asked-again' as const,
  'lapsed' as const,
  'moved' as const,
  'put-back' as const,
  'undone' as const,
  'tried-again' as const,
  'accepted' as const,
  'deleted' as const,
  'hook-failed' as const,
  'silence-failed' as const,
);
const history = fc.array(
  fc.record({ at: time, what, by: principal, reason: text, digest: text }, { requiredKeys: ['at', 'what'] }),
  { maxLength: 3 },
);

const workloads = fc.array(
  fc.record({ kind: fc.constantFrom(...workloadKinds), namespace: text, name: text, ready: count }),
  { maxLength: 3 },
);

/** Any Reboot that the types allow. */
export const arbitraryReboot: fc.Arbitrary<Omit<Reboot, 'version' | 'createdAt'>> = fc.record(
  {
    name: fc.stringMatching(/^[a-z0-9]{8,20}$/),
    node: fc.record({ name: fc.stringMatching(/^[a-z0-9-]{1,20}$/), uid: fc.uuid() }),
    bootId: fc.uuid(),
    pool: fc.stringMatching(/^[a-z]{1,10}$/),
    need,
    facts,
    impact,
    workloads,
    daemonsBefore: titles,
    state: arbitraryState,
    chat,
    history,
  },
  {
    requiredKeys: ['name', 'node', 'bootId', 'pool', 'need', 'facts', 'state', 'chat', 'history'],
    noNullPrototype: true,
  },
);
