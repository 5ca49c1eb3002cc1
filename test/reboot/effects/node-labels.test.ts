import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noHooks } from '../../../src/reboot/deadlines/hook-waits.ts';
import { excludeFromLoadBalancersLabel } from '../../../src/reboot/nodes/node-contract.ts';
import {
  isLabelled,
  type LabelledNode,
  labelsOwner,
  noManagedLabels,
  relabel,
  wantedLabels,
  type WantedLabels,
} from '../../../src/reboot/ownership/managed-labels.ts';
import type { HooksPolicy } from '../../../src/reboot/policy/pool-hooks.ts';
import { aDecision, aPool, aReboot, at, mia, pending } from '../../fakes/builders.ts';
import {
  cleanedUp,
  draining,
  failed,
  givenUp,
  inState,
  owed,
  rebooting,
  settling,
  undoing,
} from '../../fakes/states.ts';
import { outcomeCounts } from '../../property-runs.ts';
import { type Reboot } from '../../../src/reboot/state/reboot.ts';

const hooks: HooksPolicy = {
  ...noHooks,
  labels: { before: { maintenance: 'true' }, after: { maintenance: 'done', patched: 'yes' } },
  annotations: { before: { hold: 'true', skip: 'true' }, after: { hold: 'done' } },
  preferNoSchedule: true,
  annotateState: true,
  excludeFromLoadBalancers: true,
};
const pool = aPool({ hooks });
const free: LabelledNode = { labels: { zone: 'a' }, unschedulable: false };
const cordoned: LabelledNode = { ...free, unschedulable: true, cordonedBy: 'worker-03-4f1c9a' };
const excluded = excludeFromLoadBalancersLabel;

/** The node after as many writes as it takes, which is one. */
function worn(node: LabelledNode, wanted: WantedLabels): LabelledNode {
  const next = relabel(node, wanted);
  if (next === undefined) return node;
  const { managed: _, ...rest } = node;
  const after = { ...rest, ...next };
  expect(relabel(after, wanted)).toBeUndefined();
  return after;
}

describe('what a Reboot wants on its node', () => {
  it('is nothing where the pool has no hooks, in any phase', () => {
    for (const state of [pending, draining(), rebooting(), settling(), failed()])
      expect(relabel(cordoned, wantedLabels(inState(state), aPool(), cordoned))).toBeUndefined();
  });

  it.each([
    ['Pending', pending],
    ['Snoozed', { phase: 'Snoozed', since: at(0), until: at(9), by: mia }],
    ['Approved', { phase: 'Approved', since: at(0), decision: aDecision() }],
  ] as const)('while it waits (%s): the taint and its state, and no label', (phase, state) => {
    const wanted = wantedLabels(inState(state), pool, free);
    expect(wanted).toMatchObject({ waiting: true, labels: {}, state: { phase, reboot: 'worker-03-4f1c9a' } });
  });

  it('once denied: its state alone', () => {
    const denied = inState({ phase: 'Denied', since: at(0), by: mia, reason: 'x', riskDigest: 'aaaa' });
    expect(wantedLabels(denied, pool, free)).toMatchObject({
      waiting: false,
      state: { phase: 'Denied', reboot: denied.name },
    });
  });

  it.each([draining(), rebooting(), settling(), failed()])(
    'while it is under way ($phase): labels too, for as long as the node takes no pods',
    (state) => {
      const labels = { maintenance: 'true', [excluded]: 'true' };
      const annotations = { hold: 'true', skip: 'true' };
      expect(wantedLabels(inState(state), pool, cordoned)).toMatchObject({
        labels,
        annotations,
        waiting: true,
      });
      expect(wantedLabels(inState(state), pool, free)).toMatchObject({ labels: {}, annotations: {} });
    },
  );

  it('of a drain that is undone to wait again: what waiting wants, so that nothing comes and goes', () => {
    expect(wantedLabels(inState(undoing()), pool, cordoned)).toEqual(
      wantedLabels(inState({ phase: 'Approved', since: at(0), decision: aDecision() }), pool, cordoned),
    );
  });

  it('when it has succeeded: the labels of afterwards and when that was, once', () => {
    const state = {
      phase: 'Succeeded',
      since: at(0),
      decision: aDecision(),
      cordon: 'us',
      newBootId: 'boot-2',
      kernel: 'k',
      pods: 1,
      took: { drain: 1, boot: 1, settle: 1, total: 3 },
    } as const;
    const before = worn(cordoned, wantedLabels(inState(settling()), pool, cordoned));
    const after = worn(before, wantedLabels(inState(state, owed), pool, before));
    expect(before.hookAnnotations).toEqual({ hold: 'true', skip: 'true' });
    expect(after.labels).toEqual({ zone: 'a', maintenance: 'done', patched: 'yes' });
    expect(after.hookAnnotations).toEqual({ hold: 'done' });
    expect(after.managed).toEqual({ waiting: false, lastReboot: at(0), labels: {} });
    expect(isLabelled(after)).toBe(false);
    const relabelled = { ...after, labels: { zone: 'a', maintenance: 'planned' } };
    expect(relabel(relabelled, wantedLabels(inState(state, cleanedUp), pool, relabelled))).toBeUndefined();
  });

  it('given up with the node cordoned: its labels stay until somebody uncordons it', () => {
    const state = givenUp({ from: settling(), code: 'not-healthy', leaveCordoned: true });
    for (const cleanup of [owed, cleanedUp]) {
      const left = inState(state, cleanup);
      const wanted = wantedLabels(left, pool, cordoned);
      expect(wanted).toMatchObject({ labels: { maintenance: 'true' }, waiting: false });
      expect(wanted.state).toBeUndefined();
      expect(wantedLabels(left, pool, free).labels).toEqual({});
      expect(wantedLabels(left, pool, { ...cordoned, cordonedBy: 'another' }).labels).toEqual({});
    }
  });

  it('of a pool that is gone from the configuration: what the node wears, until the end', () => {
    const before = worn(cordoned, wantedLabels(inState(draining()), pool, cordoned));
    const gone = aPool({ gone: true });
    const during = worn(before, wantedLabels(inState(draining()), gone, before));
    expect(during).toMatchObject({ labels: before.labels, hookAnnotations: before.hookAnnotations });
    expect(worn(before, noManagedLabels).labels).toEqual(free.labels);
  });
});

describe('annotations of others', () => {
  const wanted = wantedLabels(inState(draining()), pool, cordoned);

  it('are replaced and come back, unless somebody writes over ours', () => {
    const theirs = { ...cordoned, hookAnnotations: { hold: 'by mia', skip: 'true' } };
    const during = worn(theirs, wanted);
    expect(during.managed?.annotations).toEqual({ hold: { put: 'true', was: 'by mia' } });
    expect(worn(during, noManagedLabels).hookAnnotations).toEqual(theirs.hookAnnotations);
    const over = { ...during, hookAnnotations: { hold: 'by lee', skip: 'true' } };
    expect(relabel(over, wanted)).toBeUndefined();
    expect(worn(over, noManagedLabels).hookAnnotations).toEqual(over.hookAnnotations);
  });

  it('that are too long to be noted stay', () => {
    const theirs = { ...cordoned, hookAnnotations: { hold: '\u0001'.repeat(300), skip: 'x'.repeat(1_022) } };
    const during = worn(theirs, wanted);
    expect(during.hookAnnotations).toEqual({ hold: theirs.hookAnnotations.hold, skip: 'true' });
    expect(worn(during, noManagedLabels).hookAnnotations).toEqual(theirs.hookAnnotations);
  });
});

describe('labels of others', () => {
  const wanted = wantedLabels(inState(draining()), pool, cordoned);

  it('that stand there already are theirs, and stay', () => {
    const theirs = { ...cordoned, labels: { maintenance: 'true', [excluded]: '' } };
    const during = worn(theirs, wanted);
    expect(during.labels).toEqual(theirs.labels);
    expect(during.managed?.labels).toEqual({});
    expect(worn(during, noManagedLabels).labels).toEqual(theirs.labels);
  });

  it('that are overwritten come back', () => {
    const theirs = { ...cordoned, labels: { maintenance: 'planned' } };
    const during = worn(theirs, wanted);
    expect(during.labels).toEqual({ maintenance: 'true', [excluded]: 'true' });
    expect(worn(during, noManagedLabels).labels).toEqual(theirs.labels);
  });

  it('that are written over ours meanwhile are not fought, and stay', () => {
    const during = worn(cordoned, wanted);
    const theirs = { ...during, labels: { ...during.labels, maintenance: 'broken' } };
    expect(relabel(theirs, wanted)).toBeUndefined();
    expect(worn(theirs, noManagedLabels).labels).toEqual({ zone: 'a', maintenance: 'broken' });
  });

  it('follow a configuration that changes under way', () => {
    const during = worn(cordoned, wanted);
    const other = aPool({ hooks: { ...noHooks, labels: { before: { maintenance: 'soon' }, after: {} } } });
    const now = worn(during, wantedLabels(inState(draining()), other, during));
    expect(now.labels).toEqual({ zone: 'a', maintenance: 'soon' });
    expect(worn(now, noManagedLabels).labels).toEqual({ zone: 'a' });
  });

  const keys = ['a', 'b', 'constructor', 'toString', excluded];
  const values = (...of: readonly string[]) =>
    fc.dictionary(fc.constantFrom(...keys), fc.constantFrom(...of), { noNullPrototype: true });
  const act = fc.oneof(
    fc.record({ by: fc.constant('us' as const), labels: values('o', 'p') }),
    fc.record({
      by: fc.constant('them' as const),
      key: fc.constantFrom(...keys),
      value: fc.constantFrom('x', 'z', undefined),
    }),
  );

  it('are, when all is over, as their owners left them, whatever both sides did in between', () => {
    const met = outcomeCounts<'us' | 'them' | 'over ours'>();
    fc.assert(
      fc.property(values('x', 'y'), fc.array(act), (first, acts) => {
        let node: LabelledNode = { labels: first, unschedulable: true };
        let meant = first;
        for (const each of acts) {
          met.saw(each.by);
          if (each.by === 'us') {
            node = worn(node, { ...noManagedLabels, labels: each.labels });
            continue;
          }
          met.saw('over ours', ['o', 'p'].includes(node.labels[each.key] ?? ''));
          meant = relabelled(meant, each);
          node = { ...node, labels: relabelled(node.labels, each) };
        }
        expect(worn(node, noManagedLabels).labels).toEqual(meant);
      }),
    );
    met.atLeast({ us: 100, them: 100, 'over ours': 20 });
  });
});

/** As with kubectl. */
function relabelled(
  labels: Readonly<Record<string, string>>,
  { key, value }: { readonly key: string; readonly value: string | undefined },
): Record<string, string> {
  const others = Object.entries(labels).filter(([name]) => name !== key);
  return Object.fromEntries(value === undefined ? others : [...others, [key, value]]);
}

describe('of several Reboots of a node', () => {
  const named = (
    name: string,
    createdAt: string,
    state: Parameters<typeof inState>[0],
    rest: Partial<Reboot> = {},
  ) => aReboot({ name, createdAt, state, ...rest });

  it('the one under way counts, then the newest that waits, then one that left it cordoned', () => {
    const old = named('old', at(-9), givenUp({ leaveCordoned: true }));
    const waits = named('waits', at(-5), pending);
    const newer = named('newer', at(-1), pending);
    const works = named('works', at(-7), settling());
    const all = [old, waits, newer, works];
    for (const expected of ['works', 'newer', 'waits', 'old', undefined]) {
      expect(labelsOwner(all)?.name).toBe(expected);
      expect(labelsOwner(all.toReversed())?.name).toBe(expected);
      const index = all.findIndex(({ name }) => name === expected);
      if (index >= 0) all.splice(index, 1);
    }
  });

  it('one that is over counts until it is cleaned up', () => {
    const cancelled = { phase: 'Cancelled', since: at(0), by: mia, from: 'Draining' } as const;
    const over = (isCleaned: boolean) => named('over', at(-9), cancelled, isCleaned ? cleanedUp : owed);
    expect(labelsOwner([over(false), named('next', at(0), pending)])?.name).toBe('over');
    expect(labelsOwner([over(true), named('next', at(0), pending)])?.name).toBe('next');
    expect(labelsOwner([over(true)])).toBeUndefined();
  });
});
