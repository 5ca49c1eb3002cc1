/** Ends that leave the node cordoned: each says so, and is no plain one. */
import { describe, expect, it } from 'vitest';
import { card } from '../../../src/bot/views/card/card.ts';
import { progress } from '../../../src/bot/views/card/thread.ts';
import type { DecisionRequest } from '../../../src/reboot/approval/decision-request.ts';
import type { Reboot } from '../../../src/reboot/state/reboot.ts';
import { minute, second } from '../../../src/reboot/time/time.ts';
import { aDrainPolicy, aPerson, aPolicy, aPool, aReport } from '../../fakes/builders.ts';
import { type ServiceHarness, serviceHarness } from '../../fakes/service-harness.ts';

const mia = aPerson();
const node = 'worker-03';

async function approved(harness: ServiceHarness): Promise<string> {
  const reboot = await harness.sentinel({ name: node });
  await says(harness, reboot.name, { kind: 'approve', mode: 'now', digest: reboot.need.digest });
  return reboot.name;
}
async function says(harness: ServiceHarness, name: string, request: DecisionRequest): Promise<void> {
  await harness.service.decide(name, request, mia);
  await harness.settle();
}
/** By hand, with kubectl: the cordon stays, and is not ours any more. */
const takeMarkOff = (harness: ServiceHarness): void => void delete harness.cluster.node(node).cordonedBy;

const shownOf = (harness: ServiceHarness, name: string): string => {
  const data = harness.chat.cards.get(name);
  if (!data) throw new Error('no card is shown');
  return JSON.stringify([card(data), progress(data)]);
};

function expectToldCordoned(harness: ServiceHarness, name: string): void {
  expect(harness.cluster.node(node).unschedulable).toBe(true);
  expect(harness.reboot(name)).toMatchObject({
    cleanup: { endedAt: expect.any(String), staysCordoned: 'not-ours' },
  });
  expect(shownOf(harness, name)).toContain('stays cordoned');
  expect(shownOf(harness, name)).toContain(`kubectl uncordon ${node}`);
  expect(shownOf(harness, name)).not.toMatch(/takes pods again|✓ worker-03|Nothing is left to do/);
  const told = harness.cluster.events.filter(({ reason }) => reason === 'RebootStaysCordoned');
  expect(told).toMatchObject([{ type: 'Warning' }]);
  expect(harness.cluster.events.map(({ reason }) => reason)).not.toContain('RebootSucceeded');
}

const toSettling = async (harness: ServiceHarness): Promise<string> => {
  const name = await approved(harness);
  await harness.boots(node);
  return name;
};

describe('our mark is taken off the cordon by hand', () => {
  it.each([
    ['Draining', true],
    ['Rebooting', false],
  ])('in %s: the reboot succeeds, and says that the node stays cordoned', async (_phase, early) => {
    const harness = serviceHarness();
    if (early) harness.cluster.drains([], [{ kind: 'drained', pods: 14 }]);
    const name = await approved(harness);
    takeMarkOff(harness);
    if (early) await harness.queue.reconcile(name);
    await harness.settle();
    await harness.boots(node);
    await harness.pass(61 * second);
    expect(harness.reboot(name).state.phase).toBe('Succeeded');
    expectToldCordoned(harness, name);
  });

  it('in Settling', async () => {
    const harness = serviceHarness();
    const name = await toSettling(harness);
    takeMarkOff(harness);
    await harness.pass(61 * second);
    expect(harness.reboot(name).state.phase).toBe('Succeeded');
    expectToldCordoned(harness, name);
  });

  it('before a cancel', async () => {
    const harness = serviceHarness();
    harness.cluster.drains([]);
    const name = await approved(harness);
    takeMarkOff(harness);
    await says(harness, name, { kind: 'cancel' });
    expect(harness.reboot(name).state.phase).toBe('Cancelled');
    expectToldCordoned(harness, name);
  });

  it('before the sentinel is taken away', async () => {
    const harness = serviceHarness();
    harness.cluster.drains([]);
    const name = await approved(harness);
    takeMarkOff(harness);
    harness.cluster.agentOf(node).report = aReport({ required: 'no', packages: [] });
    await harness.queue.reconcileNode(node);
    await harness.settle();
    expect(harness.reboot(name).state.phase).toBe('Superseded');
    expectToldCordoned(harness, name);
  });

  it('before its drain is undone: the reply says that the node stays cordoned', async () => {
    const harness = serviceHarness();
    const drain = harness.cluster.drain.bind(harness.cluster);
    harness.cluster.drains([{ kind: 'failed', code: 'drain-error', sentence: 'The API server said no.' }]);
    harness.cluster.drain = (request, signal) => {
      takeMarkOff(harness);
      return drain(request, signal);
    };
    const name = await approved(harness);
    const undone = harness.reboot(name).history.find(({ what }) => what === 'undone');
    expect(undone?.reason).toContain('The node stays cordoned');
    expect(harness.cluster.node(node).unschedulable).toBe(true);
  });

  it('before a failed drain is skipped', async () => {
    const harness = serviceHarness(
      aPolicy({ pools: [aPool({ drain: aDrainPolicy({ onTimeout: 'fail' }) })] }),
    );
    harness.cluster.drains([{ kind: 'failed', code: 'drain-error', sentence: 'The API server said no.' }]);
    const name = await approved(harness);
    takeMarkOff(harness);
    await says(harness, name, { kind: 'skip' });
    expectToldCordoned(harness, name);
  });
});

describe('what somebody else had cordoned before', () => {
  const succeeded = async (
    harness: ServiceHarness,
    before: () => void = () => undefined,
  ): Promise<Reboot> => {
    const { name, need } = await harness.sentinel({ name: node, unschedulable: true });
    await says(harness, name, { kind: 'approve', mode: 'now', digest: need.digest });
    await harness.boots(node);
    before();
    await harness.pass(61 * second);
    return harness.reboot(name);
  };

  it('stays so, and that is a plain success', async () => {
    const harness = serviceHarness();
    const { name, state, cleanup } = await succeeded(harness);
    expect(state).toMatchObject({ phase: 'Succeeded', cordon: 'other' });
    expect(cleanup).toMatchObject({ staysCordoned: 'not-ours' });
    expect(shownOf(harness, name)).toMatch(/✓ worker-03.*It stays cordoned: somebody else had cordoned it/);
    expect(harness.cluster.events.map(({ reason }) => reason)).not.toContain('RebootStaysCordoned');
  });

  it('and has uncordoned meanwhile is not said to stay cordoned', async () => {
    const harness = serviceHarness();
    const { name, state } = await succeeded(harness, () => {
      harness.cluster.node(node).unschedulable = false;
    });
    expect(state).not.toHaveProperty('staysCordoned');
    expect(shownOf(harness, name)).not.toContain('stays cordoned');
  });
});

describe('a node that boots once more between its proof and the uncordon', () => {
  it('stays cordoned by us, also through scans, and a person is asked to look', async () => {
    const harness = serviceHarness();
    const name = await toSettling(harness);
    const uncordon = harness.cluster.uncordon.bind(harness.cluster);
    harness.cluster.uncordon = async (target, ...rest) => {
      harness.cluster.node(node).bootId = 'boot-3';
      return uncordon(target, ...rest);
    };
    await harness.pass(61 * second);
    expect(harness.reboot(name)).toMatchObject({
      state: { phase: 'Succeeded' },
      cleanup: { staysCordoned: 'another-boot' },
    });
    harness.cluster.uncordon = uncordon;
    await harness.service.resync();
    await harness.settle();
    expect(harness.cluster.node(node)).toMatchObject({ unschedulable: true, cordonedBy: name });
    expect(shownOf(harness, name)).toContain('booted once more right after it was proven');
    expect(harness.ledger.now().turns).toEqual([]);
    await harness.pass(minute);
  });
});
