import { describe, expect, it } from 'vitest';
import { decisionsIn } from '../../../src/reboot/state/decision.ts';
import { effectsOf } from '../../../src/reboot/effects/effects.ts';
import type { Observation } from '../../../src/reboot/nodes/observation.ts';
import type { Reboot, Rebooting } from '../../../src/reboot/state/reboot.ts';
import { minute, second } from '../../../src/reboot/time/time.ts';
import type { RebootEvent } from '../../../src/reboot/machine/events/events.ts';
import { transition } from '../../../src/reboot/machine/transition.ts';
import { wakeAt } from '../../../src/reboot/deadlines/next-wake.ts';
import {
  aNeed,
  aNode,
  aPool,
  aReboot,
  aReport,
  at,
  aWindow,
  lee,
  mia,
  noon,
  pending,
} from '../../fakes/builders.ts';
import { draining, failed, givenUp, inState, owed, rebooting, settling } from '../../fakes/states.ts';

const pool = aPool();
const context = { pool, now: noon };
const approve = (by = mia, digest = '4f1c', mode: 'now' | 'window' = 'now'): RebootEvent => ({
  type: 'approved',
  by,
  mode,
  digest,
});

const observed = (
  node: Partial<Observation['node']> | undefined = {},
  rest: Partial<Observation> = {},
): Observation => ({
  ...(node === undefined ? {} : { node: aNode({ ...node }) }),
  daemonPodsNotReady: [],
  ...rest,
});

function after(reboot: Reboot, event: RebootEvent, ctx = context): Reboot {
  const step = transition(reboot, event, ctx);
  if (!step.ok) throw new Error(`rejected: ${step.rejection.sentence}`);
  return step.reboot;
}
function refusal(reboot: Reboot, event: RebootEvent, ctx = context): string {
  const step = transition(reboot, event, ctx);
  if (step.ok) throw new Error(`accepted: ${JSON.stringify(step.reboot.state)}`);
  return step.rejection.code;
}
const healthy = {
  node: aNode({ bootId: 'boot-2', kernel: '6.8.0-49-generic' }),
  agent: { node: 'worker-03', report: aReport({ required: 'no', bootId: 'boot-2' }) },
  daemonPodsNotReady: [],
};

describe('a decision', () => {
  it('of a rule stands when the first of two people approves as well, and when the second does', () => {
    const two = { pool: aPool({ approvalsNeeded: 2, windows: [aWindow()] }), now: noon };
    const rule = { kind: 'window', pool: 'workers', window: 'nightly' } as const;
    const ruled = after(
      inState(pending),
      { type: 'approved', by: rule, mode: 'window', digest: '4f1c' },
      two,
    );
    const one = after(ruled, approve(mia), two);
    expect(one.state).toMatchObject({ phase: 'Approved', decision: { mode: 'window' } });
    const both = after(one, approve(lee), two);
    expect(both.state).toMatchObject({ phase: 'Approved', decision: { mode: 'now' } });
  });

  it('approves with who, when and the digest that was seen', () => {
    const { state, history } = after(aReboot(), approve());
    expect(state).toMatchObject({
      phase: 'Approved',
      decision: { mode: 'now', digest: '4f1c', approvals: [{ by: mia, at: at(0) }] },
    });
    expect(decisionsIn(history)).toEqual([{ what: 'approved', by: mia, digest: '4f1c', at: at(0) }]);
  });
  it('is refused on packages that are no longer the ones on the card', () => {
    expect(refusal(aReboot(), approve(mia, 'beef'))).toBe('packages-changed');
  });
  it('waits for a second person where two are needed, and not for the same person twice', () => {
    const two = { pool: aPool({ approvalsNeeded: 2 }), now: noon };
    const first = after(aReboot(), approve(), two);
    expect(first.state).toMatchObject({ phase: 'Pending', approvals: [{ by: mia }] });
    expect(refusal(first, approve(), two)).toBe('already-approved-by-you');
    expect(after(first, approve(lee), two).state.phase).toBe('Approved');
  });
  it('counts people by their id: a new name makes no second person', () => {
    const two = { pool: aPool({ approvalsNeeded: 2 }), now: noon };
    const first = after(aReboot(), approve(), two);
    expect(refusal(first, approve({ kind: 'user', id: 'U0MIA', name: 'Mia M.' }), two)).toBe(
      'already-approved-by-you',
    );
  });
  it('of before a snooze does not count after it', () => {
    const two = { pool: aPool({ approvalsNeeded: 2 }), now: noon };
    const first = after(aReboot(), approve(), two);
    const snoozed = after(first, { type: 'snoozed', by: lee, until: noon + 3_600_000 }, two);
    expect(after(snoozed, approve(lee), two).state).toMatchObject({
      phase: 'Pending',
      approvals: [{ by: lee }],
    });
  });
  it('asks for two on a control-plane node where several may approve', () => {
    const controlPlane = aReboot({ facts: { osImage: 'x', controlPlane: true } });
    expect(after(controlPlane, approve()).state.phase).toBe('Pending');
    const alone = { pool: aPool({ approvers: { kind: 'named', users: ['U0MIA'], groups: [] } }), now: noon };
    expect(after(controlPlane, approve(), alone).state.phase).toBe('Approved');
  });
  it('of two approvals the more careful one counts', () => {
    const two = { pool: aPool({ approvalsNeeded: 2, windows: [aWindow()] }), now: noon };
    const both = after(after(aReboot(), approve(mia, '4f1c', 'window'), two), approve(lee), two);
    expect(both.state).toMatchObject({ phase: 'Approved', decision: { mode: 'window' } });
  });
  it('that came second says who was first', () => {
    const step = transition(after(aReboot(), approve()), approve(lee), context);
    expect(step.ok ? '' : step.rejection.sentence).toContain('@mia');
  });
  it('for the window can be brought forward', () => {
    const ctx = { pool: aPool({ windows: [aWindow()] }), now: noon };
    const waits = after(aReboot(), approve(mia, '4f1c', 'window'), ctx);
    expect(after(waits, approve(lee), ctx).state).toMatchObject({
      phase: 'Approved',
      decision: { mode: 'now' },
    });
  });
  it('for the window is brought forward by as many as have to approve, and not by one of them', () => {
    const ctx = { pool: aPool({ windows: [aWindow()], approvalsNeeded: 2 }), now: noon };
    const both = [mia, lee].reduce((was, by) => after(was, approve(by, '4f1c', 'window'), ctx), aReboot());
    const one = after(both, approve(mia), ctx);
    expect(one.state).toMatchObject({ phase: 'Approved', decision: { mode: 'window' } });
    expect(after(one, approve(lee), ctx).state).toMatchObject({ decision: { mode: 'now' } });
  });
  it('outside the window is refused where the pool does not allow it', () => {
    const strict = { pool: aPool({ windows: [aWindow()], approveNowOutsideWindow: false }), now: noon };
    expect(refusal(aReboot(), approve(), strict)).toBe('outside-window');
    expect(refusal(aReboot(), approve(mia, '4f1c', 'window'), context)).toBe('no-window');
  });
  it('snoozes until a time that is still to come, and asks again then', () => {
    const snoozed = after(aReboot(), { type: 'snoozed', by: mia, until: noon + minute });
    expect(snoozed.state).toMatchObject({ phase: 'Snoozed', until: at(minute) });
    expect(wakeAt(snoozed, pool, noon)).toBe(noon + minute);
    expect(
      after(snoozed, { type: 'observed', observation: observed() }, { pool, now: noon + minute }).state.phase,
    ).toBe('Pending');
    expect(refusal(aReboot(), { type: 'snoozed', by: mia, until: noon })).toBe('not-possible-now');
  });
  it('denies only with a reason, and can be put again', () => {
    expect(refusal(aReboot(), { type: 'denied', by: mia, reason: '  ' })).toBe('reason-missing');
    const denied = after(aReboot(), { type: 'denied', by: mia, reason: 'release day' });
    expect(refusal(denied, approve())).toBe('already-decided');
    expect(after(denied, { type: 'asked-again', by: lee }).state).toMatchObject({
      phase: 'Pending',
      approvals: [],
    });
  });
  it('cancels a drain and not an order', () => {
    expect(after(inState(draining()), { type: 'cancelled', by: mia })).toMatchObject({
      state: { phase: 'Cancelled', from: 'Draining' },
      cleanup: { since: at(0) },
    });
    expect(refusal(inState(rebooting()), { type: 'cancelled', by: mia })).toBe('too-late');
  });
});

describe('packages that come after a decision', () => {
  const approved = after(aReboot(), approve());
  const withNewKernel = aNeed({
    digest: 'new',
    riskDigest: 'new',
    kernel: { running: '6.8.0-45-generic', next: '6.8.0-50-generic' },
  });
  it('make it lapse when they change the risk, and the card shows the difference', () => {
    const { state, need } = after(approved, {
      type: 'observed',
      observation: observed(),
      need: withNewKernel,
    });
    expect(state).toMatchObject({
      phase: 'Pending',
      approvals: [],
      lapse: { added: ['kernel 6.8.0-50-generic'], removed: ['kernel 6.8.0-49-generic'] },
    });
    expect(need.digest).toBe('new');
  });
  it('leave it standing when they do not', () => {
    const { state, need } = after(approved, {
      type: 'observed',
      observation: observed(),
      need: aNeed({ digest: 'new' }),
    });
    expect(state.phase).toBe('Approved');
    expect(need.digest).toBe('new');
  });
  it('change nothing once the drain has started', () => {
    const reboot = inState(draining());
    expect(
      after(reboot, {
        type: 'observed',
        observation: observed({ unschedulable: true }),
        need: withNewKernel,
      }),
    ).toBe(reboot);
  });
  it('ask again after a denial, which was on other packages', () => {
    const denied = after(aReboot(), { type: 'denied', by: mia, reason: 'no' });
    expect(
      after(denied, { type: 'observed', observation: observed(), need: withNewKernel }).state.phase,
    ).toBe('Pending');
  });
  it('drop the first of two approvals', () => {
    const two = { pool: aPool({ approvalsNeeded: 2 }), now: noon };
    const first = after(aReboot(), approve(), two);
    expect(
      after(first, { type: 'observed', observation: observed(), need: withNewKernel }, two).state,
    ).toMatchObject({ phase: 'Pending', approvals: [] });
  });
});

describe('a node that goes its own way', () => {
  it.each([
    ['is gone', undefined, 'node-gone'],
    ['is another machine of the same name', { uid: 'other' }, 'node-replaced'],
    ['has booted by itself', { bootId: 'boot-9' }, 'booted'],
  ] as const)('%s: superseded, whatever was undecided', (_, node, why) => {
    const observation = node === undefined ? { daemonPodsNotReady: [] } : observed(node);
    for (const state of [pending, after(aReboot(), approve()).state, draining()]) {
      expect(after(inState(state), { type: 'observed', observation }).state).toMatchObject({
        phase: 'Superseded',
        why,
      });
    }
  });
  it('no longer asks: superseded, and asked again when the sentinel is back in the same boot', () => {
    const quiet = observed({}, { agent: { node: 'worker-03', report: aReport({ required: 'no' }) } });
    const over = after(aReboot(), { type: 'observed', observation: quiet });
    expect(over.state).toMatchObject({ phase: 'Superseded', why: 'no-longer-required' });
    expect(over).not.toHaveProperty('cleanup');
    expect(after(over, { type: 'observed', observation: observed(), need: aNeed() }).state.phase).toBe(
      'Pending',
    );
  });
  it('uncordoned by somebody in mid-drain: stopped, told, not fought', () => {
    expect(
      after(inState(draining()), { type: 'observed', observation: observed({ unschedulable: false }) }).state,
    ).toMatchObject({
      phase: 'Failed',
      code: 'uncordoned-by-other',
    });
  });
  it('drained by no worker: undone a minute after its deadline, and not earlier', () => {
    const deadline = noon + 14 * minute;
    const seen: RebootEvent = { type: 'observed', observation: observed({ unschedulable: true }) };
    const phaseAt = (now: number): string => after(inState(draining()), seen, { pool, now }).state.phase;
    expect(phaseAt(deadline + minute - 1)).toBe('Draining');
    expect(phaseAt(deadline + minute)).toBe('Undoing');
  });
});

describe('from the order to the proof', () => {
  it('is Rebooting only once the node is drained and known to be cordoned', () => {
    expect(
      refusal(inState({ ...draining(), cordon: undefined } as never), { type: 'drained', pods: 3 }),
    ).toBe('not-possible-now');
    expect(after(inState(draining()), { type: 'drained', pods: 14 }).state).toMatchObject({
      phase: 'Rebooting',
      drained: { pods: 14 },
      deadline: at(10 * minute),
    });
  });
  it('believes a reboot only from a new boot ID', () => {
    const reboot = inState(rebooting());
    const down = observed({ ready: false, unschedulable: true });
    expect(after(reboot, { type: 'observed', observation: down }).state).toMatchObject({
      phase: 'Rebooting',
      downSince: at(0),
    });
    const silent = observed({ bootId: '', unschedulable: true });
    expect(after(reboot, { type: 'observed', observation: silent })).toBe(reboot);
    expect(after(reboot, { type: 'observed', observation: { ...healthy } }).state).toMatchObject({
      phase: 'Settling',
      newBootId: 'boot-2',
    });
  });
  it('fails at its deadline: not back, or never gone', () => {
    const late = { pool, now: noon + 9 * minute };
    const gone = after(
      inState(rebooting()),
      { type: 'observed', observation: observed({ ready: false, unschedulable: true }) },
      late,
    );
    expect(gone.state).toMatchObject({
      phase: 'Failed',
      code: 'did-not-come-back',
      from: { phase: 'Rebooting' },
    });
    expect(
      after(inState(rebooting()), { type: 'observed', observation: observed({ unschedulable: true }) }, late)
        .state,
    ).toMatchObject({ code: 'did-not-reboot' });
  });
  it('is stopped by anybody who uncordons the node, since its pods come back', () => {
    expect(after(inState(rebooting()), { type: 'observed', observation: observed() }).state).toMatchObject({
      phase: 'Failed',
      code: 'uncordoned-by-other',
      from: { phase: 'Rebooting' },
    });
  });
  it('goes on to the proof when a node comes back after it had been given up', () => {
    const reboot = inState(failed({ code: 'did-not-come-back', from: rebooting() }));
    expect(after(reboot, { type: 'observed', observation: healthy }).state).toMatchObject({
      phase: 'Settling',
      newBootId: 'boot-2',
    });
  });
  it.each([
    [
      'not Ready',
      { ...healthy, node: aNode({ bootId: 'boot-2', kernel: '6.8.0-49-generic', ready: false }) },
      'not-ready',
    ],
    [
      'no report of the new boot',
      { ...healthy, agent: { node: 'worker-03', report: aReport() } },
      'no-report',
    ],
    [
      'the sentinel is back',
      { ...healthy, agent: { node: 'worker-03', report: aReport({ bootId: 'boot-2' }) } },
      'still-required',
    ],
    ['the old kernel runs', { ...healthy, node: aNode({ bootId: 'boot-2' }) }, 'wrong-kernel'],
    [
      'a DaemonSet pod is not ready',
      { ...healthy, daemonPodsNotReady: [{ daemonSet: 'kube-system/cni', pod: 'kube-system/cni-x' }] },
      'daemon-pods',
    ],
  ] as const)('is not proven while %s', (_, observation, code) => {
    const reboot = inState(settling({ healthySince: at(-10 * second) }));
    expect(after(reboot, { type: 'observed', observation }).state).toMatchObject({
      phase: 'Settling',
      missing: [{ code }],
    });
    expect(after(reboot, { type: 'observed', observation }).state).not.toHaveProperty('healthySince');
  });
  it.each([
    ['falls back behind the one that ran', '6.8.0-40-generic', '6.8.0-45-generic', 'wrong-kernel'],
    ['stays', '6.8.0-45-generic', '6.8.0-45-generic', undefined],
    ['became newer meanwhile', '6.8.0-49-generic', '6.8.0-49-generic', undefined],
    ['is another, and nobody knows what is installed', '6.8.0-40-generic', undefined, undefined],
  ])('where no new kernel was expected, looks whether it %s', (_, kernel, newest, code) => {
    const need = aNeed({ kernel: { running: '6.8.0-45-generic' } });
    const report = aReport({
      required: 'no',
      bootId: 'boot-2',
      kernel: { running: kernel, ...(newest === undefined ? {} : { newest }) },
    });
    const observation = {
      node: aNode({ bootId: 'boot-2', kernel }),
      agent: { node: 'worker-03', report },
      daemonPodsNotReady: [],
    };
    const seen = after(inState(settling(), { need }), { type: 'observed', observation });
    expect(seen.state).toMatchObject({ missing: code === undefined ? [] : [{ code }] });
  });
  it('succeeds when nothing has been missing for the settle time', () => {
    const seen = after(inState(settling()), { type: 'observed', observation: healthy });
    expect(seen.state).toMatchObject({ phase: 'Settling', healthySince: at(0) });
    expect(
      after(seen, { type: 'observed', observation: healthy }, { pool, now: noon + 59 * second }).state.phase,
    ).toBe('Settling');
    expect(
      after(seen, { type: 'observed', observation: healthy }, { pool, now: noon + 60 * second }).state,
    ).toMatchObject({
      phase: 'Succeeded',
      took: { drain: minute, boot: 90 * second, settle: 90 * second, total: 4 * minute },
    });
  });
  it('does not wait for what waiting cannot mend', () => {
    const still = { ...healthy, agent: { node: 'worker-03', report: aReport({ bootId: 'boot-2' }) } };
    expect(
      after(inState(settling()), { type: 'observed', observation: still }, { pool, now: noon + 30 * second })
        .state,
    ).toMatchObject({ phase: 'Failed', code: 'still-required' });
  });
  it('fails at its deadline with what is missing, and when it boots once more', () => {
    const notReady = {
      ...healthy,
      node: aNode({ bootId: 'boot-2', ready: false, kernel: '6.8.0-49-generic' }),
    };
    const late = { pool, now: noon + 10 * minute };
    expect(after(inState(settling()), { type: 'observed', observation: notReady }, late).state).toMatchObject(
      { phase: 'Failed', code: 'not-healthy', sentence: 'The node is not Ready.' },
    );
    const again = { ...healthy, node: aNode({ bootId: 'boot-3' }) };
    expect(after(inState(settling()), { type: 'observed', observation: again }).state).toMatchObject({
      phase: 'Failed',
      code: 'rebooted-again',
    });
  });
});

describe('after a failure', () => {
  it('retry goes on with a new deadline, and orders nothing before the node is known again to be empty', () => {
    for (const from of [draining(), rebooting()]) {
      const again = after(inState(failed({ from })), { type: 'retried', by: mia }).state;
      expect(again).toMatchObject({ phase: 'Draining', deadline: at(15 * minute) });
      expect(again).not.toHaveProperty('cordon');
    }
    expect(after(inState(failed({ from: settling() })), { type: 'retried', by: mia }).state).toMatchObject({
      phase: 'Settling',
      deadline: at(11 * minute),
    });
  });
  it('a drain is begun anew only for packages that were approved', () => {
    const need = aNeed({ digest: 'new', riskDigest: 'new' });
    const seen = after(inState(failed()), { type: 'observed', observation: observed(), need });
    expect(seen).toMatchObject({ need: { digest: 'new', since: aNeed().since }, state: { phase: 'Failed' } });
    expect(refusal(seen, { type: 'retried', by: mia })).toBe('packages-changed');
    expect(refusal(seen, { type: 'forced', by: mia, reason: 'db is down anyway' })).toBe('packages-changed');
    expect(after(seen, { type: 'skipped', by: mia }).state).toMatchObject({ phase: 'GivenUp', by: mia });
  });
  it('nothing is retried while the old order is being withdrawn', () => {
    expect(refusal(inState(failed(), owed), { type: 'retried', by: mia })).toBe('not-possible-now');
  });
  it.each([
    { type: 'retried', by: mia },
    { type: 'skipped', by: lee },
    { type: 'forced', by: mia, reason: 'db is down anyway' },
  ] as const)('after it was given up, by drain or by boot, $type is refused', (event) => {
    for (const from of [draining(), rebooting(), settling()]) {
      expect(refusal(inState(givenUp({ from })), event)).toBe('not-possible-now');
      expect(refusal(inState(givenUp({ from }), owed), event)).toBe('not-possible-now');
    }
  });
  it('skip gives up: a drained node goes back to work, one that did not prove itself stays cordoned', () => {
    const drained = after(inState(failed()), { type: 'skipped', by: mia });
    expect(effectsOf(drained).map(({ name }) => name)).toEqual([
      'withdraw-order',
      'uncordon',
      'label',
      'unsilence',
      'release-turn',
      'cleaned-up',
    ]);
    const lost = after(inState(failed({ code: 'did-not-come-back', from: rebooting() })), {
      type: 'skipped',
      by: mia,
    });
    expect(effectsOf(lost).map(({ name }) => name)).toEqual([
      'withdraw-order',
      'label',
      'unsilence',
      'release-turn',
      'cleaned-up',
    ]);
  });
  it.each([
    ['did-not-come-back', rebooting(), true],
    ['not-healthy', settling(), true],
    ['rebooted-again', settling(), true],
    ['wrong-kernel', settling(), false],
    ['still-required', settling(), false],
  ] as const)('skip after %s leaves the node cordoned where its boot is not proven', (code, from, stays) => {
    const skipped = after(inState(failed({ code, from })), { type: 'skipped', by: mia });
    expect(skipped.state).toMatchObject({ phase: 'GivenUp', leaveCordoned: stays });
  });
  it('skip leaves a node cordoned whose host may have been asked, and may still go down', () => {
    const left = (overrides: Partial<Rebooting>) =>
      after(inState(failed({ code: 'did-not-reboot', from: rebooting(overrides) })), {
        type: 'skipped',
        by: mia,
      }).state;
    expect(left({})).toMatchObject({ phase: 'GivenUp', leaveCordoned: true });
    expect(left({ trouble: 'The agent refused the order: x' })).toMatchObject({
      leaveCordoned: false,
    });
  });
  it('force breaks budgets only with a reason, in a drain or after one failed', () => {
    expect(refusal(inState(draining()), { type: 'forced', by: mia, reason: '' })).toBe('reason-missing');
    for (const state of [draining(), failed()]) {
      expect(
        after(inState(state), { type: 'forced', by: mia, reason: 'db is down anyway' }).state,
      ).toMatchObject({ phase: 'Draining', force: { by: mia } });
    }
    expect(refusal(inState(failed({ from: rebooting() })), { type: 'forced', by: mia, reason: 'x' })).toBe(
      'not-possible-now',
    );
  });
});
