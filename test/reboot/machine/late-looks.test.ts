/** Observations of an earlier time: of the boot before, of another order, of a need that is known already. */
import { describe, expect, it } from 'vitest';
import type { NodeReport } from '../../../src/reboot/nodes/node-report.ts';
import type { NodeView } from '../../../src/reboot/nodes/node-view.ts';
import type { Observation } from '../../../src/reboot/nodes/observation.ts';
import type { Need } from '../../../src/reboot/state/need.ts';
import type { Reboot, RebootState } from '../../../src/reboot/state/reboot.ts';
import { hour, minute } from '../../../src/reboot/time/time.ts';
import { transition } from '../../../src/reboot/machine/transition.ts';
import { aNeed, aNode, aPool, aReport, at, mia, noon, pending } from '../../fakes/builders.ts';
import { cleanedUp, draining, inState, owed, rebooting, settling, undoing } from '../../fakes/states.ts';

interface Seen {
  readonly node?: Partial<NodeView>;
  readonly report?: Partial<NodeReport>;
  readonly need?: Need;
  readonly now?: number;
}

function look(reboot: Reboot, { node, report, need, now = noon }: Seen): Reboot {
  const observation: Observation = {
    node: aNode({ unschedulable: true, ...node }),
    agent: { node: 'worker-03', report: aReport(report) },
    daemonPodsNotReady: [],
  };
  const event = { type: 'observed', observation, ...(need === undefined ? {} : { need }) } as const;
  const step = transition(reboot, event, { pool: aPool(), now });
  if (!step.ok) throw new Error(step.rejection.sentence);
  return step.reboot;
}

describe('a look that comes late', () => {
  it('and shows the boot that was ended does not end the proof of the next one', () => {
    const reboot = inState(settling());
    expect(look(reboot, { report: { required: 'no' } })).toBe(reboot);
  });

  it('by a replica whose clock is behind proves it all the same, and no duration of the record is negative', () => {
    // The API server refuses a record with one, and the reboot would settle for ever.
    const since = at(-minute);
    const drained = { startedAt: at(-2 * minute), endedAt: at(-3 * minute), pods: 1 };
    const state = settling({ since, healthySince: since, drained, orderedAt: at(0) });
    const proven = look(inState(state), {
      node: { bootId: 'boot-2', ready: true, kernel: '6.8.0-49-generic' },
      report: { bootId: 'boot-2', required: 'no' },
      now: noon + hour,
    });
    expect(proven.state).toMatchObject({ phase: 'Succeeded', took: { drain: 0, boot: 0 } });
  });

  it('and shows the receipt of another order says nothing of this one', () => {
    const reboot = inState(rebooting());
    const order = {
      endBoot: 'boot-0',
      state: 'refused',
      message: 'The node is not cordoned',
      at: at(0),
    } as const;
    expect(look(reboot, { report: { order } })).toBe(reboot);
  });

  it('at its deadline notes what the agent says by then: a host that was never asked is given back by Skip', () => {
    const order = { endBoot: 'boot-1', state: 'refused', message: 'x', at: at(0) } as const;
    const late = look(inState(rebooting()), { report: { order }, now: noon + hour });
    expect(late.state).toMatchObject({
      phase: 'Failed',
      code: 'did-not-reboot',
      from: { trouble: 'The agent refused the order: x' },
    });
    const step = transition(
      { ...late, ...cleanedUp },
      { type: 'skipped', by: mia },
      { pool: aPool(), now: noon + hour },
    );
    expect(step.ok && step.reboot.state).toMatchObject({ phase: 'GivenUp', leaveCordoned: false });
  });

  it('leaves a drain by force to its end, however long it takes', () => {
    const force = { by: mia, at: at(-hour), reason: 'db is down anyway' };
    const reboot = inState(draining({ deadline: at(-hour), force }));
    expect(look(reboot, {})).toBe(reboot);
    expect(look(inState(draining({ deadline: at(-hour) })), {}).state.phase).toBe('Undoing');
  });

  it('undoes nothing that a person forces, for whatever reason', () => {
    const forced = inState(draining({ force: { by: mia, at: at(0), reason: 'x' } }));
    for (const why of ['stuck', 'window-closed'] as const)
      expect(transition(forced, { type: 'undone', why }, { pool: aPool(), now: noon })).toMatchObject({
        ok: false,
        rejection: { code: 'not-possible-now' },
      });
  });

  it('makes no need younger: more packages do not send the node to the back of the queue', () => {
    const reboot = inState(pending, { need: aNeed({ since: at(-hour) }) });
    const riskier = { digest: 'new', riskDigest: 'new' };
    for (const more of [{ digest: 'new' }, riskier])
      expect(look(reboot, { need: aNeed({ since: at(0), ...more }) }).need).toMatchObject({
        ...more,
        since: at(-hour),
      });
  });
});

it('an end that is cleaned up already is left as it is, and what was told of its cordon with it', () => {
  const state = { phase: 'Cancelled', since: at(0), by: mia, from: 'Draining' } as const;
  const reboot = inState(state, { cleanup: { ...cleanedUp.cleanup, staysCordoned: 'not-ours' } });
  const step = transition(reboot, { type: 'cleaned-up' }, { pool: aPool(), now: noon });
  expect(step.ok && step.reboot).toBe(reboot);
});

describe('a proof', () => {
  it('is waited for while something is missing that waiting mends, whatever else is wrong', () => {
    const reboot = inState(settling({ since: at(-5 * minute) }));
    const node = { bootId: 'boot-2', kernel: '6.8.0-45-generic' };
    const report = { required: 'no', bootId: 'boot-2' } as const;
    expect(look(reboot, { node: { ...node, ready: false }, report }).state.phase).toBe('Settling');
    expect(look(reboot, { node, report }).state).toMatchObject({ phase: 'Failed', code: 'wrong-kernel' });
  });
});

describe('a sentinel that is taken away', () => {
  it('while its drain is being undone ends the Reboot', () => {
    const superseded = look(inState(undoing()), { report: { required: 'no' } });
    expect(superseded).toMatchObject({
      state: { phase: 'Superseded', why: 'no-longer-required', from: 'Undoing' },
      cleanup: { since: superseded.state.since },
    });
    const reboot = inState(undoing());
    expect(look(reboot, { report: { required: 'unknown' } })).toBe(reboot);
  });

  it('and is back asks anew in the same boot only, and not before what the end owes is done', () => {
    const over: RebootState = {
      phase: 'Superseded',
      since: at(-minute),
      why: 'no-longer-required',
      from: 'Draining',
    };
    const need = aNeed();
    expect(look(inState(over), { need }).state.phase).toBe('Pending');
    const owing = inState(over, owed);
    expect(look(owing, { need })).toBe(owing);
    const done = inState(over);
    expect(look(done, { node: { bootId: 'boot-2' }, need })).toBe(done);
    expect(look(done, { node: { uid: 'uid-other' }, need })).toBe(done);
  });
});
