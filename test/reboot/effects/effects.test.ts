/** Every effect of the table, on the fakes of its ports: carried out twice, and too late. */
import { describe, expect, it } from 'vitest';
import { type EffectName, effects } from '../../../src/reboot/effects/effects.ts';
import { stillOwed } from '../../../src/reboot/effects/effect.ts';
import { withMemory } from '../../../src/reboot/loop/deps.ts';
import { noHooks } from '../../../src/reboot/deadlines/hook-waits.ts';
import type { Reboot, RebootState } from '../../../src/reboot/state/reboot.ts';
import { minute } from '../../../src/reboot/time/time.ts';
import { aDecision, aNode, aPolicy, aPool, aReboot, aReport, at } from '../../fakes/builders.ts';
import { serviceHarness } from '../../fakes/service-harness.ts';
import { cleanedUp, draining, inState, owed, rebooting, undoing } from '../../fakes/states.ts';

const access = { url: 'http://webhook', headers: {} };
const pool = aPool({
  hooks: {
    ...noHooks,
    annotateState: true,
    before: { access, timeout: minute, onFailure: 'fail' },
    silence: { access, matchers: [] },
  },
});
const { cordon: _cordon, ...uncordoned } = draining();
const asked = draining({ beforeHook: { since: at(-minute), until: at(minute), pods: 3 } });
const approved: RebootState = { phase: 'Approved', since: at(0), decision: aDecision() };

interface Case {
  readonly owing: Reboot;
  readonly also?: { readonly ordered?: boolean; readonly inService?: boolean };
  /**
   * The stored Reboot when a worker that still has `owing` carries it out. Absent: it is harmless then, since
   * the reconcile of the stored one does it again, or it only asks for a job.
   */
  readonly stored?: RebootState;
  /** Nothing outside changes: what comes of it is the event. */
  readonly tells?: true;
}

const cases = {
  cordon: { owing: inState(uncordoned), also: { inService: true }, stored: approved },
  order: { owing: inState(rebooting()), stored: approved },
  'withdraw-order': { owing: inState(undoing()), also: { ordered: true } },
  uncordon: { owing: inState(undoing()), stored: draining() },
  label: { owing: inState(draining()), stored: approved },
  'ask-hook': { owing: inState(asked), stored: approved },
  drain: { owing: inState(draining()) },
  silence: { owing: inState(draining()), stored: approved },
  unsilence: { owing: inState(undoing()), also: { inService: true } },
  'release-turn': { owing: inState(undoing()), stored: approved },
  'cleaned-up': { owing: inState(undoing()), tells: true },
} as const satisfies Record<EffectName, Case>;

const rows = effects.map((effect): { name: EffectName; effect: typeof effect; about: Case } => ({
  name: effect.name,
  effect,
  about: cases[effect.name],
}));

async function setupOf({ owing, also = {} }: Case) {
  const harness = serviceHarness(aPolicy({ pools: [pool] }));
  const { cluster, silences, ledger, hooks, store, waiting } = harness;
  const cordonedBy = also.inService === true ? {} : { unschedulable: true, cordonedBy: owing.name };
  const node = aNode({ name: owing.node.name, uid: owing.node.uid, bootId: owing.bootId, ...cordonedBy });
  cluster.addNode(node, {
    report: aReport({ bootId: owing.bootId }),
    ...(also.ordered === true ? { endBoot: owing.bootId } : {}),
  });
  await ledger.take(
    { reboot: owing.name, node: node.name, pool: owing.pool, since: at(-minute), controlPlane: false },
    { cluster: 9, pool: 9 },
  );
  if (owing.state.phase === 'Undoing') silences.active.set(owing.name, harness.clock.now() + minute);
  const outside = (): unknown =>
    structuredClone({
      node: cluster.node(node.name),
      agent: cluster.agentOf(node.name),
      turns: ledger.now(),
      silences: [...silences.active],
      called: [...new Set(hooks.questions.map(({ step, since }) => `${step} ${since}`))],
      waiting,
    });
  const deps = withMemory(harness.ports);
  return {
    outside,
    store,
    async carryOut(effect: (typeof effects)[number]) {
      const observation = await cluster.observe(node.name, { daemonPods: true });
      const still = stillOwed(deps, owing, effect);
      return effect.carryOut({ deps, reboot: owing, observation, fresh: true, still, left: {} });
    },
  };
}

describe('an effect', () => {
  it.each(rows)('$name is owed by its state, and not after the end', ({ effect, about }) => {
    expect(effect.owed(about.owing)).toBe(true);
    const { state } = inState(rebooting());
    expect(
      effect.owed({
        state: { phase: 'Superseded', since: at(0), why: 'booted', from: state.phase },
        ...cleanedUp,
      }),
    ).toBe(false);
  });

  it.each(rows)(
    '$name can be repeated, as after a crash before its event was stored',
    async ({ effect, about }) => {
      const setup = await setupOf(about);
      setup.store.put(about.owing);
      const before = setup.outside();
      const told = await setup.carryOut(effect);
      const after = setup.outside();
      if (about.tells === true) expect(told.event).toBeDefined();
      else expect(after).not.toEqual(before);
      await setup.carryOut(effect);
      expect(setup.outside()).toEqual(after);
    },
  );

  it.each(rows.filter(({ about }) => about.stored !== undefined))(
    '$name changes nothing when another replica has gone on meanwhile',
    async ({ effect, about: { stored = approved, ...about } }) => {
      const setup = await setupOf(about);
      setup.store.put(aReboot({ ...about.owing, state: stored }));
      const before = setup.outside();
      await setup.carryOut(effect);
      expect(setup.outside()).toEqual(before);
    },
  );

  it('of a clean-up stays owed until the record says that it is complete', () => {
    const names = (reboot: Reboot) => effects.filter((effect) => effect.owed(reboot)).map(({ name }) => name);
    const ended: RebootState = { phase: 'Superseded', since: at(0), why: 'booted', from: 'Draining' };
    expect(names(inState(ended, owed))).toEqual([
      'withdraw-order',
      'uncordon',
      'label',
      'unsilence',
      'release-turn',
      'cleaned-up',
    ]);
    expect(names(inState(ended, cleanedUp))).toEqual([]);
  });
});
