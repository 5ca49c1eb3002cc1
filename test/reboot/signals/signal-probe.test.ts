import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextStep, type Probe } from '../../../src/reboot/signals/signal-probe.ts';
import type { NodeNote } from '../../../src/reboot/nodes/node-note.ts';
import { hour, minute, second } from '../../../src/reboot/time/time.ts';
import { aNode, aPolicy, aPool, aReport, at, noon } from '../../fakes/builders.ts';
import { serviceHarness } from '../../fakes/service-harness.ts';

const limit = 15 * minute;
const blind = { required: 'unknown', reason: 'The host’s directory run is not there', packages: [] } as const;

/** A harness in which time passes with a scan every half a minute, as it does in the bot. */
function harness(nodes: readonly string[] = ['worker-03']) {
  const all = serviceHarness(aPolicy({ pools: [aPool({ unknownFor: limit })] }));
  for (const name of nodes)
    all.cluster.addNode(aNode({ name }), { report: aReport({ required: 'no', packages: [] }) });
  const pass = async (span: number): Promise<void> => {
    for (let left = span; left > 0; left -= 30 * second) {
      await all.pass(Math.min(left, 30 * second));
      await all.service.resync();
      await all.settle();
    }
  };
  const report = (name: string, change: Parameters<typeof aReport>[0]): void => {
    all.cluster.agentOf(name).report = aReport({ required: 'no', packages: [], ...change });
  };
  return { ...all, pass, report };
}

describe('a signal that cannot be read', () => {
  it('is told to the channel of its pool, with the reason, when it has lasted', async () => {
    const { chat, cluster, pass, report } = harness();
    report('worker-03', blind);
    await pass(14 * minute);
    expect(chat.notices).toEqual([]);
    await pass(3 * minute);
    expect(chat.notices).toMatchObject([
      {
        channel: 'C0OPS',
        pool: 'workers',
        nodes: ['worker-03'],
        signals: ['sentinel'],
        reason: blind.reason,
      },
    ]);
    const [told] = chat.notices;
    expect(told?.topic === 'unknownSignals' ? told.lasted : 0).toBeGreaterThanOrEqual(limit);
    expect(cluster.agentOf('worker-03').unknownSignals?.told).toBe(true);
  });

  it('is told once, and again only after all was well in between', async () => {
    const { chat, pass, report } = harness();
    report('worker-03', blind);
    await pass(3 * hour);
    expect(chat.notices).toHaveLength(1);
    report('worker-03', {});
    await pass(minute);
    report('worker-03', { ...blind, reason: 'another reason' });
    await pass(14 * minute);
    expect(chat.notices).toHaveLength(1);
    await pass(3 * minute);
    expect(chat.notices).toHaveLength(2);
  });

  it('is not told again by a bot that has just started', async () => {
    const first = harness();
    first.report('worker-03', blind);
    await first.pass(17 * minute);
    const unknownSignals = first.cluster.agentOf('worker-03').unknownSignals ?? expect.unreachable();
    const second_ = harness();
    second_.clock.set(first.clock.now());
    second_.report('worker-03', blind);
    second_.cluster.agentOf('worker-03').unknownSignals = unknownSignals;
    await second_.pass(hour);
    expect(second_.chat.notices).toEqual([]);
  });

  it('is told when Slack is back, if Slack was away, and under the same key', async () => {
    const { chat, pass, report, cluster } = harness();
    report('worker-03', blind);
    chat.down = new Error('slack is away');
    await pass(20 * minute);
    const begun = cluster.agentOf('worker-03').unknownSignals?.notice;
    chat.down = undefined;
    await pass(5 * minute);
    expect(chat.notices).toHaveLength(1);
    expect(chat.notices[0]?.key).toBe(begun?.key);
    expect(cluster.agentOf('worker-03').unknownSignals?.told).toBe(true);
  });

  it('costs nothing where all is well', async () => {
    const { cluster, pass } = harness();
    await pass(10 * minute);
    expect(cluster.log.filter((entry) => entry.startsWith('unknownSignals'))).toEqual([]);
  });
});

describe('an agent that is silent', () => {
  it('is told of when its node is Ready and nobody has reported its boot', async () => {
    const { chat, cluster, pass } = harness();
    cluster.node('worker-03').bootId = 'boot-2';
    await pass(17 * minute);
    expect(chat.notices).toMatchObject([{ signals: [], reason: 'it has not reported since the boot' }]);
  });

  it('is not told of while its node is down, and counts from its return', async () => {
    const { chat, cluster, pass } = harness();
    Object.assign(cluster.node('worker-03'), { bootId: 'boot-2', ready: false });
    await pass(hour);
    cluster.node('worker-03').ready = true;
    await pass(14 * minute);
    expect(chat.notices).toEqual([]);
    await pass(3 * minute);
    expect(chat.notices).toHaveLength(1);
  });

  it('is not told of on a node of no pool', async () => {
    const { chat, cluster, pass, policy } = harness();
    policy(aPolicy({ pools: [aPool({ selector: 'role=other' })] }));
    cluster.node('worker-03').bootId = 'boot-2';
    await pass(hour);
    expect(chat.notices).toEqual([]);
  });

  it('is one message for all nodes of a pool', async () => {
    const names = Array.from({ length: 50 }, (_, index) => `n${index}`);
    const { chat, cluster, pass } = harness(names);
    for (const name of names) cluster.node(name).bootId = 'boot-2';
    await pass(20 * minute);
    expect(chat.notices).toHaveLength(1);
    expect(chat.notices[0]?.nodes.toSorted()).toEqual(names.toSorted());
  });
});

describe('what was noted', () => {
  const noted = (overrides: Partial<NodeNote> = {}): NodeNote => ({
    about: ['kernel', 'dnf'],
    since: at(-hour),
    ...overrides,
  });
  const seen = (...about: string[]): Probe => ({ kind: 'unknown', about, reason: 'x' });
  const step = (known: NodeNote | undefined, probe: Probe) => nextStep(known, probe, noon);

  it('stands when some of it has mended, and begins anew when something comes', () => {
    expect(step(noted({ told: true }), seen('dnf'))).toEqual({ kind: 'keep' });
    expect(step(noted({ told: true }), seen('dnf', 'suse'))).toEqual({
      kind: 'write',
      next: { about: ['dnf', 'suse'], since: at(0) },
    });
    expect(step(noted({ told: true }), seen())).toMatchObject({ kind: 'write' });
    expect(step(noted({ about: [], told: true }), seen('dnf'))).toMatchObject({ kind: 'write' });
  });

  it('is told at most once between two times that all was well, whatever happens', () => {
    const probe = fc.constantFrom<Probe>({ kind: 'well' }, { kind: 'away' }, seen('kernel'));
    let toldAtAll = 0;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(probe, fc.integer({ min: 1, max: 30 })), { minLength: 20, maxLength: 60 }),
        (steps) => {
          let now = noon;
          let known: NodeNote | undefined;
          let told = 0;
          for (const [sight, minutes] of steps) {
            now += minutes * minute;
            if (sight.kind === 'well') told = 0;
            const next = nextStep(known, sight, now);
            if (next.kind === 'write') known = next.next;
            if (next.kind !== 'untold') continue;
            told += 1;
            toldAtAll += 1;
            known = { ...next.nodeNote, told: true };
          }
          expect(told).toBeLessThanOrEqual(1);
        },
      ),
    );
    expect(toldAtAll).toBeGreaterThan(100);
  });
});
