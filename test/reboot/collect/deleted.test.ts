/** `kubectl delete reboot`: how to stop a reboot with kubectl alone. */
import { describe, expect, it } from 'vitest';
import { card } from '../../../src/bot/views/card/card.ts';
import type { DecisionRequest } from '../../../src/reboot/approval/decision-request.ts';
import { PortError } from '../../../src/reboot/ports/port-error.ts';
import type { Reboot } from '../../../src/reboot/state/reboot.ts';
import { minute, second } from '../../../src/reboot/time/time.ts';
import { aPerson, aPolicy, aPool, aReport, at } from '../../fakes/builders.ts';
import { type ServiceHarness, serviceHarness } from '../../fakes/service-harness.ts';

const mia = aPerson();
const node = 'worker-03';
const auto = aPolicy({ pools: [aPool({ approval: 'auto' })] });

const says = async (harness: ServiceHarness, name: string, request: DecisionRequest): Promise<void> => {
  await harness.service.decide(name, request, mia);
  await harness.settle();
};
async function approved(harness: ServiceHarness): Promise<string> {
  const { name, need } = await harness.sentinel({ name: node });
  await says(harness, name, { kind: 'approve', mode: 'now', digest: need.digest });
  return name;
}
/** As the watch tells of it. */
async function isDeleted(harness: ServiceHarness, name: string): Promise<Reboot> {
  const last = harness.reboot(name);
  await harness.store.remove(name);
  await harness.service.rebootChanged(name);
  await harness.service.rebootDeleted(last);
  return last;
}
const shown = (harness: ServiceHarness, name: string): string => {
  const data = harness.chat.cards.get(name);
  return data ? JSON.stringify(card(data)) : '';
};
const obeying = { endBoot: 'boot-1', state: 'obeying', at: at(0) } as const;

function expectPutBack(harness: ServiceHarness, name: string): void {
  expect(harness.cluster.node(node).unschedulable).toBe(false);
  expect(harness.cluster.node(node).cordonedBy).toBeUndefined();
  expect(harness.cluster.agentOf(node).endBoot).toBeUndefined();
  expect(harness.ledger.now().turns).toEqual([]);
  expect(harness.reboot(name)).toMatchObject({
    state: { phase: 'Cancelled' },
    cleanup: { endedAt: expect.any(String) },
  });
  expect(shown(harness, name)).toContain('somebody who deleted its Reboot');
}

describe('a Reboot that is deleted', () => {
  it('in Draining stops its drain, puts its node back, and its card says so', async () => {
    const harness = serviceHarness();
    harness.cluster.drains([]);
    const name = await approved(harness);
    await isDeleted(harness, name);
    await harness.settle();
    expectPutBack(harness, name);
    expect(harness.cluster.events).toContainEqual(expect.objectContaining({ reason: 'RebootCancelled' }));
  });

  it('in Undoing is not tried again', async () => {
    const harness = serviceHarness();
    harness.cluster.drains(
      [{ kind: 'failed', code: 'drain-error', sentence: 'The API server said no.' }],
      [],
    );
    const uncordon = harness.cluster.uncordon.bind(harness.cluster);
    let name = '';
    harness.cluster.uncordon = async (target, ...rest) => {
      harness.cluster.uncordon = uncordon;
      expect(harness.reboot(name).state.phase).toBe('Undoing');
      await isDeleted(harness, name);
      return uncordon(target, ...rest);
    };
    const { name: made, need } = await harness.sentinel({ name: node });
    name = made;
    await says(harness, name, { kind: 'approve', mode: 'now', digest: need.digest });
    await harness.pass(minute);
    expectPutBack(harness, name);
  });

  it('stops a drain that runs, before anything else is heard', async () => {
    const harness = serviceHarness();
    let stopped = false;
    const begun = Promise.withResolvers<void>();
    harness.cluster.drain = async function* (_request, signal) {
      begun.resolve();
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      stopped = true;
      yield* [];
    };
    const { name, need } = await harness.sentinel({ name: node });
    await harness.service.decide(name, { kind: 'approve', mode: 'now', digest: need.digest }, mia);
    const working = harness.settle();
    await begun.promise;
    await isDeleted(harness, name);
    await working;
    await harness.settle();
    expect(stopped).toBe(true);
    expectPutBack(harness, name);
  });

  it('in Rebooting has its order withdrawn before anything is written or asked', async () => {
    const harness = serviceHarness();
    const name = await approved(harness);
    expect(harness.cluster.agentOf(node).endBoot).toBe('boot-1');
    harness.cluster.log.length = 0;
    await isDeleted(harness, name);
    expect(harness.cluster.log[0]).toBe(`withdraw ${node}`);
    expect(harness.cluster.agentOf(node).endBoot).toBeUndefined();
    await harness.settle();
    expectPutBack(harness, name);
  });

  // What the node shows by itself tells neither of the last decision nor that the order was given under it.
  it.each(['look', 'scan'] as const)(
    'is not known by its node alone while it is handled: %s',
    async (kind) => {
      const harness = serviceHarness(auto);
      const { name } = await harness.sentinel({ name: node });
      harness.cluster.agentOf(node).report = aReport({ order: obeying });
      const observe = harness.cluster.observe.bind(harness.cluster);
      harness.cluster.observe = async (...args) => {
        harness.cluster.observe = observe;
        await (kind === 'look' ? harness.service.reconcileNode(node) : harness.service.resync());
        return observe(...args);
      };
      await isDeleted(harness, name);
      await harness.settle();
      expect(harness.reboot(name).state.phase).toBe('Rebooting');
      expect(shown(harness, name)).toContain('when the node had obeyed its order already');
    },
  );

  it('whose node was not touched yet is not asked for anew while that is handled', async () => {
    const harness = serviceHarness();
    const { name } = await harness.sentinel({ name: node });
    const observe = harness.cluster.observe.bind(harness.cluster);
    harness.cluster.observe = async (...args) => {
      harness.cluster.observe = observe;
      await harness.service.reconcileNode(node);
      return observe(...args);
    };
    await isDeleted(harness, name);
    await harness.settle();
    expect(harness.reboot(name).state.phase).toBe('Cancelled');
  });

  it.each(['annotation', 'command'] as const)(
    'is not asked for anew by a person while it is handled: %s',
    async (how) => {
      const harness = serviceHarness();
      const name = await approved(harness);
      harness.cluster.agentOf(node).report = aReport({ order: obeying });
      const observe = harness.cluster.observe.bind(harness.cluster);
      harness.cluster.observe = async (...args) => {
        harness.cluster.observe = observe;
        if (how === 'command') {
          const answer = await harness.service.request(node, undefined, { person: mia, channel: 'C0OPS' });
          expect(answer).toMatchObject({ ok: false, sentence: expect.stringContaining('was deleted') });
        } else {
          Object.assign(harness.cluster.node(node), { requested: 'once more' });
          await harness.service.reconcileNode(node);
          expect(harness.cluster.node(node).requested).toBe('once more');
        }
        return observe(...args);
      };
      await isDeleted(harness, name);
      expect(harness.reboot(name).state.phase).toBe('Rebooting');
    },
  );

  it('is put back by the next resync, where that failed at first', async () => {
    const harness = serviceHarness();
    const name = await approved(harness);
    const withdraw = harness.cluster.withdrawOrder.bind(harness.cluster);
    harness.cluster.withdrawOrder = async () => {
      harness.cluster.withdrawOrder = withdraw;
      throw new PortError('cluster-unreachable', 'no answer', { retryable: true });
    };
    await expect(isDeleted(harness, name)).rejects.toThrow('no answer');
    await harness.service.resync();
    await harness.settle();
    expectPutBack(harness, name);
  });

  it('and was begun anew since is left alone by a bot that hears late of it', async () => {
    const harness = serviceHarness();
    const name = await approved(harness);
    const last = harness.reboot(name);
    harness.cluster.log.length = 0;
    await harness.service.rebootDeleted(last);
    expect(harness.cluster.log).toEqual([]);
    expect(harness.cluster.agentOf(node).endBoot).toBe('boot-1');
    expect(harness.reboot(name)).toBe(last);
  });

  it('whose agent was faster is carried to its proof, and its card says that it was too late', async () => {
    const harness = serviceHarness();
    const name = await approved(harness);
    harness.cluster.agentOf(node).report = aReport({ order: obeying });
    await isDeleted(harness, name);
    await harness.settle();
    expect(harness.reboot(name).state.phase).toBe('Rebooting');
    expect(shown(harness, name)).toContain('when the node had obeyed its order already');
    await harness.boots(node);
    await harness.pass(61 * second);
    expect(harness.reboot(name)).toMatchObject({
      state: { phase: 'Succeeded' },
      cleanup: { endedAt: expect.any(String) },
    });
    expect(harness.cluster.node(node).unschedulable).toBe(false);
  });

  it('in Settling is carried to its proof', async () => {
    const harness = serviceHarness();
    const name = await approved(harness);
    await harness.boots(node);
    await isDeleted(harness, name);
    await harness.settle();
    expect(harness.cluster.node(node).unschedulable).toBe(true);
    await harness.pass(61 * second);
    expect(harness.reboot(name).state.phase).toBe('Succeeded');
  });

  it('in Settling is not given back without its proof, where its record cannot be written at first', async () => {
    const harness = serviceHarness();
    const name = await approved(harness);
    await harness.boots(node);
    const create = harness.store.create.bind(harness.store);
    harness.store.create = async () => {
      throw new PortError('cluster-unreachable', 'no answer', { retryable: true });
    };
    await expect(isDeleted(harness, name)).rejects.toThrow('no answer');
    await harness.service.resync();
    await harness.settle();
    expect(harness.cluster.node(node)).toMatchObject({ unschedulable: true, cordonedBy: name });
    expect(harness.ledger.now().turns).toMatchObject([{ node }]);
    harness.store.create = create;
    await harness.service.resync();
    await harness.settle();
    expect(harness.reboot(name).state.phase).toBe('Settling');
    await harness.pass(61 * second);
    expect(harness.reboot(name).state.phase).toBe('Succeeded');
    expect(harness.ledger.now().turns).toEqual([]);
  });

  it('and whose handling has a fault of ours keeps no other node from being put in order', async () => {
    const harness = serviceHarness();
    const name = await approved(harness);
    harness.store.create = async () => {
      throw new TypeError('a fault');
    };
    await expect(isDeleted(harness, name)).rejects.toThrow('a fault');
    const turn = { reboot: 'nobody', node: 'n9', pool: 'workers', controlPlane: false, since: '' };
    await harness.ledger.take(turn, { cluster: 9, pool: 9 });
    await harness.service.resync();
    expect(harness.ledger.now().turns).toMatchObject([{ reboot: name }]);
  });

  it('in Draining is put back at once, where its record cannot be written at first', async () => {
    const harness = serviceHarness(auto);
    harness.cluster.drains([]);
    const { name } = await harness.sentinel({ name: node });
    const create = harness.store.create.bind(harness.store);
    harness.store.create = async () => {
      throw new PortError('cluster-unreachable', 'no answer', { retryable: true });
    };
    await isDeleted(harness, name);
    expect(harness.cluster.node(node).unschedulable).toBe(false);
    expect(harness.ledger.now().turns).toEqual([]);
    await harness.queue.reconcileNode(node);
    await harness.settle();
    expect(harness.store.all()).toEqual([]);
    harness.store.create = create;
    await harness.service.resync();
    await harness.settle();
    expectPutBack(harness, name);
  });

  it('that another bot has written anew meanwhile is not written once more', async () => {
    const harness = serviceHarness();
    const name = await approved(harness);
    const create = harness.store.create.bind(harness.store);
    harness.store.create = async (reboot) => {
      harness.store.create = create;
      await create(reboot);
      throw new PortError('cluster-unreachable', 'the answer was lost', { retryable: true });
    };
    await isDeleted(harness, name);
    await harness.service.resync();
    await harness.settle();
    expectPutBack(harness, name);
    await harness.store.remove(name);
    harness.cluster.node(node).bootId = 'boot-2';
    await harness.service.resync();
    expect(harness.store.all()).toEqual([]);
  });

  it('that said so of another boot has obeyed nothing', async () => {
    const harness = serviceHarness();
    const name = await approved(harness);
    harness.cluster.agentOf(node).report = aReport({ order: { ...obeying, endBoot: 'boot-0' } });
    await isDeleted(harness, name);
    await harness.settle();
    expectPutBack(harness, name);
  });

  it('whose node has booted by its order already is carried to its proof', async () => {
    const harness = serviceHarness();
    const name = await approved(harness);
    harness.cluster.node(node).bootId = 'boot-2';
    await isDeleted(harness, name);
    await harness.boots(node);
    expect(harness.cluster.node(node).unschedulable).toBe(true);
    await harness.pass(61 * second);
    expect(harness.reboot(name)).toMatchObject({
      state: { phase: 'Succeeded' },
      cleanup: { endedAt: expect.any(String) },
    });
  });

  it('whose end still owes something carries that out', async () => {
    const harness = serviceHarness();
    const name = await approved(harness);
    await harness.boots(node);
    const uncordon = harness.cluster.uncordon.bind(harness.cluster);
    harness.cluster.uncordon = async () => {
      harness.cluster.uncordon = uncordon;
      throw new PortError('cluster-unreachable', 'no answer', { retryable: true });
    };
    await expect(harness.pass(61 * second)).rejects.toThrow('no answer');
    expect(harness.reboot(name).state).toMatchObject({ phase: 'Succeeded' });
    expect(harness.reboot(name).cleanup).not.toHaveProperty('endedAt');
    await isDeleted(harness, name);
    await harness.settle();
    expect(harness.reboot(name)).toMatchObject({
      state: { phase: 'Succeeded' },
      cleanup: { endedAt: expect.any(String) },
    });
    expect(harness.cluster.node(node).unschedulable).toBe(false);
  });

  it('after its failure is given up, by the same rules as with Skip', async () => {
    const harness = serviceHarness();
    const name = await approved(harness);
    harness.cluster.node(node).ready = false;
    await harness.pass(11 * minute);
    await isDeleted(harness, name);
    await harness.settle();
    expect(harness.reboot(name).state).toMatchObject({ phase: 'GivenUp', leaveCordoned: true });
    expect(harness.cluster.node(node)).toMatchObject({ unschedulable: true, cordonedBy: name });
    expect(harness.ledger.now().turns).toEqual([]);
  });

  it.each([1, 2, 3])('is not approved again by a rule, after %i deletions', async (times) => {
    const harness = serviceHarness(auto);
    harness.cluster.drains([]);
    const { name } = await harness.sentinel({ name: node });
    expect(harness.reboot(name).state.phase).toBe('Draining');
    for (let time = 0; time < times; time += 1) {
      await isDeleted(harness, name);
      await harness.settle();
    }
    await harness.service.resync();
    await harness.queue.reconcileNode(node);
    await harness.pass(minute);
    expectPutBack(harness, name);
    expect(shown(harness, name)).toContain('no rule approves it by itself');
    expect(shown(harness, name)).toContain('tugboot.ask-again');
    expect(harness.chat.posts).toBe(1);
  });

  it('and was denied stays denied', async () => {
    const harness = serviceHarness(auto);
    const { name } = await harness.sentinel({ name: 'worker-04', ready: false });
    await says(harness, name, { kind: 'cancel' });
    const denied = serviceHarness();
    const other = await denied.sentinel({ name: node });
    await says(denied, other.name, { kind: 'deny', reason: 'not today' });
    await isDeleted(denied, other.name);
    expect(denied.reboot(other.name).state).toMatchObject({ phase: 'Denied', reason: 'not today' });
  });

  it('of a node that asks no longer is gone', async () => {
    const harness = serviceHarness();
    const { name } = await harness.sentinel({ name: node });
    harness.cluster.agentOf(node).report = aReport({ required: 'no' });
    await harness.queue.reconcileNode(node);
    await harness.settle();
    expect(harness.reboot(name).state.phase).toBe('Superseded');
    await isDeleted(harness, name);
    expect(harness.store.all()).toEqual([]);
  });

  it('of a boot that is over, and done with, is gone', async () => {
    const harness = serviceHarness();
    const name = await approved(harness);
    await harness.boots(node);
    await harness.pass(61 * second);
    harness.cluster.log.length = 0;
    await isDeleted(harness, name);
    expect(harness.store.all()).toEqual([]);
    expect(harness.cluster.log).toEqual([]);
  });
});

describe('a Reboot that was deleted while no bot was there', () => {
  it.each(['scan', 'look'] as const)(
    'is not asked about anew where its record could not be written at first: %s',
    async (first) => {
      const harness = serviceHarness(auto);
      harness.cluster.drains([]);
      const { name } = await harness.sentinel({ name: node });
      await harness.store.remove(name);
      const create = harness.store.create.bind(harness.store);
      harness.store.create = async () => {
        harness.store.create = create;
        throw new PortError('cluster-unreachable', 'no answer', { retryable: true });
      };
      await (first === 'scan' ? harness.service.resync() : harness.service.reconcileNode(node));
      await harness.queue.reconcileNode(node);
      await harness.settle();
      expect(harness.store.all()).toEqual([]);
      await harness.service.resync();
      await harness.settle();
      expectPutBack(harness, name);
    },
  );

  it('is put back before a person who asks with kubectl is heard', async () => {
    const harness = serviceHarness();
    const name = await approved(harness);
    await harness.store.remove(name);
    Object.assign(harness.cluster.node(node), { requested: 'once more' });
    await harness.service.reconcileNode(node);
    expect(harness.reboot(name).state.phase).toBe('Cancelled');
    expect(harness.cluster.node(node).requested).toBe('once more');
    await harness.settle();
    expectPutBack(harness, name);
    await harness.service.reconcileNode(node);
    expect(harness.cluster.node(node).requested).toBeUndefined();
    expect(harness.reboot(name).state.phase).toBe('Pending');
  });

  it.each(['scan', 'look'] as const)('is put back, and no rule approves it: %s', async (first) => {
    const harness = serviceHarness(auto);
    harness.cluster.drains([]);
    const { name } = await harness.sentinel({ name: node });
    await harness.store.remove(name);
    if (first === 'scan') await harness.service.resync();
    else await harness.queue.reconcileNode(node);
    await harness.settle();
    await harness.service.resync();
    await harness.pass(minute);
    expectPutBack(harness, name);
  });
});

describe('Reboots whose definition is deleted too', () => {
  it('are put back without a record, and no rule approves them when it is back', async () => {
    const harness = serviceHarness(auto);
    const { name } = await harness.sentinel({ name: node });
    expect(harness.cluster.agentOf(node).endBoot).toBe('boot-1');
    const create = harness.store.create.bind(harness.store);
    harness.store.create = async () => {
      throw new PortError('definition-missing', '404: the server could not find it', { retryable: true });
    };
    let shows = 0;
    const show = harness.chat.show.bind(harness.chat);
    harness.chat.show = async (...args) => {
      shows += 1;
      return show(...args);
    };
    await isDeleted(harness, name);
    expect(harness.cluster.node(node).unschedulable).toBe(false);
    expect(harness.cluster.agentOf(node).endBoot).toBeUndefined();
    expect(harness.ledger.now().turns).toEqual([]);
    expect(shown(harness, name)).toContain('somebody who deleted its Reboot');
    await harness.service.resync();
    expect(shows).toBe(1);
    await harness.queue.reconcileNode(node);
    await harness.settle();
    harness.store.create = create;
    await harness.service.resync();
    await harness.settle();
    await harness.pass(minute);
    expectPutBack(harness, name);
    // Written once: when it is pruned, it does not come back.
    await harness.store.remove(name);
    harness.cluster.node(node).bootId = 'boot-2';
    await harness.service.resync();
    expect(harness.store.all()).toEqual([]);
  });

  it('do not go on when it is back, although their nodes could not be put back at first', async () => {
    const harness = serviceHarness();
    harness.cluster.drains([]);
    const name = await approved(harness);
    expect(harness.reboot(name).state.phase).toBe('Draining');
    const create = harness.store.create.bind(harness.store);
    harness.store.create = async () => {
      throw new PortError('definition-missing', '404: the server could not find it', { retryable: true });
    };
    const read = harness.ledger.read.bind(harness.ledger);
    harness.ledger.read = async () => {
      throw new PortError('cluster-unreachable', 'no answer', { retryable: true });
    };
    await expect(isDeleted(harness, name)).rejects.toThrow('no answer');
    harness.ledger.read = read;
    harness.store.create = create;
    await harness.service.resync();
    expect(harness.reboot(name).state.phase).toBe('Cancelled');
    await harness.settle();
    expectPutBack(harness, name);
  });

  it('are written anew as they were, and not as their nodes tell', async () => {
    const harness = serviceHarness();
    const name = await approved(harness);
    harness.cluster.agentOf(node).report = aReport({ order: obeying });
    const create = harness.store.create.bind(harness.store);
    harness.store.create = async () => {
      throw new PortError('definition-missing', '404: the server could not find it', { retryable: true });
    };
    await isDeleted(harness, name);
    harness.store.create = create;
    await harness.service.rebootDeleted(undefined);
    expect(harness.store.all()).toEqual([]);
    const caller = { person: mia, channel: 'C0OPS' };
    expect(await harness.service.request(node, undefined, caller)).toMatchObject({ ok: false });
    await harness.service.resync();
    expect(harness.reboot(name).state.phase).toBe('Rebooting');
  });

  it('keep the turn of a node that goes down by their order, also where somebody else has cordoned it', async () => {
    const harness = serviceHarness();
    const { name, need } = await harness.sentinel({ name: node, unschedulable: true });
    await says(harness, name, { kind: 'approve', mode: 'now', digest: need.digest });
    harness.cluster.agentOf(node).report = aReport({ order: obeying });
    await harness.store.remove(name);
    harness.store.create = async () => {
      throw new PortError('definition-missing', '404: the server could not find it', { retryable: true });
    };
    await harness.service.resync();
    await harness.settle();
    expect(harness.ledger.now().turns).toMatchObject([{ node }]);
    await harness.boots(node);
    await harness.service.resync();
    expect(harness.ledger.now().turns).toEqual([]);
  });
});
