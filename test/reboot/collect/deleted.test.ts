/** `kubectl delete reboot`: the brake of those who have nothing but kubectl. */
import { describe, expect, it } from 'vitest';
import { card } from '../../../src/bot/views/card/card.ts';
import type { DecisionRequest } from '../../../src/reboot/approval/decision-request.ts';
import { PortError } from '../../../src/reboot/ports/port-error.ts';
import type { Reboot } from '../../../src/reboot/state/reboot.ts';
import { minute, second } from '../../../src/reboot/time/time.ts';
import { aPerson, aPolicy, aPool, aReport, at } from '../../fakes/builders.ts';
import { type FakeHouse, fakeHouse } from '../../fakes/fake-house.ts';

const mia = aPerson();
const node = 'worker-03';
const auto = aPolicy({ pools: [aPool({ approval: 'auto' })] });

const says = async (house: FakeHouse, name: string, request: DecisionRequest): Promise<void> => {
  await house.service.decide(name, request, mia);
  await house.settle();
};
async function approved(house: FakeHouse): Promise<string> {
  const { name, need } = await house.sentinel({ name: node });
  await says(house, name, { kind: 'approve', mode: 'now', digest: need.digest });
  return name;
}
/** As the watch tells of it. */
async function isDeleted(house: FakeHouse, name: string): Promise<Reboot> {
  const last = house.reboot(name);
  await house.store.remove(name);
  house.service.rebootChanged(name);
  await house.service.rebootDeleted(last);
  return last;
}
const shown = (house: FakeHouse, name: string): string => {
  const data = house.chat.shown.get(name);
  return data ? JSON.stringify(card(data)) : '';
};
const obeying = { endBoot: 'boot-1', state: 'obeying', at: at(0) } as const;

function expectPutBack(house: FakeHouse, name: string): void {
  expect(house.cluster.node(node).unschedulable).toBe(false);
  expect(house.cluster.node(node).cordonedBy).toBeUndefined();
  expect(house.cluster.agentOf(node).endBoot).toBeUndefined();
  expect(house.ledger.now().turns).toEqual([]);
  expect(house.reboot(name)).toMatchObject({
    state: { phase: 'Cancelled' },
    cleanup: { endedAt: expect.any(String) },
  });
  expect(shown(house, name)).toContain('somebody who deleted its Reboot');
}

describe('a Reboot that is deleted', () => {
  it('in Draining stops its drain, puts its node back, and its card says so', async () => {
    const house = fakeHouse();
    house.cluster.drains([]);
    const name = await approved(house);
    await isDeleted(house, name);
    await house.settle();
    expectPutBack(house, name);
    expect(house.cluster.events).toContainEqual(expect.objectContaining({ reason: 'RebootCancelled' }));
  });

  it('in Undoing is not tried again', async () => {
    const house = fakeHouse();
    house.cluster.drains([{ kind: 'failed', code: 'drain-error', sentence: 'The API server said no.' }], []);
    const uncordon = house.cluster.uncordon.bind(house.cluster);
    let name = '';
    house.cluster.uncordon = async (target, ...rest) => {
      house.cluster.uncordon = uncordon;
      expect(house.reboot(name).state.phase).toBe('Undoing');
      await isDeleted(house, name);
      return uncordon(target, ...rest);
    };
    const { name: made, need } = await house.sentinel({ name: node });
    name = made;
    await says(house, name, { kind: 'approve', mode: 'now', digest: need.digest });
    await house.pass(minute);
    expectPutBack(house, name);
  });

  it('stops a drain that runs, before anything else is heard', async () => {
    const house = fakeHouse();
    let stopped = false;
    const begun = Promise.withResolvers<void>();
    house.cluster.drain = async function* (_request, signal) {
      begun.resolve();
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      stopped = true;
      yield* [];
    };
    const { name, need } = await house.sentinel({ name: node });
    await house.service.decide(name, { kind: 'approve', mode: 'now', digest: need.digest }, mia);
    const working = house.settle();
    await begun.promise;
    await isDeleted(house, name);
    await working;
    await house.settle();
    expect(stopped).toBe(true);
    expectPutBack(house, name);
  });

  it('in Rebooting has its order withdrawn before anything is written or asked', async () => {
    const house = fakeHouse();
    const name = await approved(house);
    expect(house.cluster.agentOf(node).endBoot).toBe('boot-1');
    house.cluster.log.length = 0;
    await isDeleted(house, name);
    expect(house.cluster.log[0]).toBe(`withdraw ${node}`);
    expect(house.cluster.agentOf(node).endBoot).toBeUndefined();
    await house.settle();
    expectPutBack(house, name);
  });

  // What the node shows by itself tells neither of the last decision nor that the order was given under it.
  it.each(['look', 'scan'] as const)(
    'is not known by its node alone while it is handled: %s',
    async (kind) => {
      const house = fakeHouse(auto);
      const { name } = await house.sentinel({ name: node });
      house.cluster.agentOf(node).report = aReport({ order: obeying });
      const observe = house.cluster.observe.bind(house.cluster);
      house.cluster.observe = async (...args) => {
        house.cluster.observe = observe;
        await (kind === 'look' ? house.service.reconcileNode(node) : house.service.resync());
        return observe(...args);
      };
      await isDeleted(house, name);
      await house.settle();
      expect(house.reboot(name).state.phase).toBe('Rebooting');
      expect(shown(house, name)).toContain('when the node had obeyed its order already');
    },
  );

  it('whose node was not touched yet is not asked for anew while that is handled', async () => {
    const house = fakeHouse();
    const { name } = await house.sentinel({ name: node });
    const observe = house.cluster.observe.bind(house.cluster);
    house.cluster.observe = async (...args) => {
      house.cluster.observe = observe;
      await house.service.reconcileNode(node);
      return observe(...args);
    };
    await isDeleted(house, name);
    await house.settle();
    expect(house.reboot(name).state.phase).toBe('Cancelled');
  });

  it.each(['annotation', 'command'] as const)(
    'is not asked for anew by a person while it is handled: %s',
    async (how) => {
      const house = fakeHouse();
      const name = await approved(house);
      house.cluster.agentOf(node).report = aReport({ order: obeying });
      const observe = house.cluster.observe.bind(house.cluster);
      house.cluster.observe = async (...args) => {
        house.cluster.observe = observe;
        if (how === 'command') {
          const answer = await house.service.request(node, undefined, { person: mia, channel: 'C0OPS' });
          expect(answer).toMatchObject({ ok: false, sentence: expect.stringContaining('was deleted') });
        } else {
          Object.assign(house.cluster.node(node), { requested: 'once more' });
          await house.service.reconcileNode(node);
          expect(house.cluster.node(node).requested).toBe('once more');
        }
        return observe(...args);
      };
      await isDeleted(house, name);
      expect(house.reboot(name).state.phase).toBe('Rebooting');
    },
  );

  it('is put back by the next resync, where that failed at first', async () => {
    const house = fakeHouse();
    const name = await approved(house);
    const withdraw = house.cluster.withdrawOrder.bind(house.cluster);
    house.cluster.withdrawOrder = async () => {
      house.cluster.withdrawOrder = withdraw;
      throw new PortError('cluster-unreachable', 'no answer', { retryable: true });
    };
    await expect(isDeleted(house, name)).rejects.toThrow('no answer');
    await house.service.resync();
    await house.settle();
    expectPutBack(house, name);
  });

  it('and was begun anew since is left alone by a bot that hears late of it', async () => {
    const house = fakeHouse();
    const name = await approved(house);
    const last = house.reboot(name);
    house.cluster.log.length = 0;
    await house.service.rebootDeleted(last);
    expect(house.cluster.log).toEqual([]);
    expect(house.cluster.agentOf(node).endBoot).toBe('boot-1');
    expect(house.reboot(name)).toBe(last);
  });

  it('whose agent was faster is carried to its proof, and its card says that it was too late', async () => {
    const house = fakeHouse();
    const name = await approved(house);
    house.cluster.agentOf(node).report = aReport({ order: obeying });
    await isDeleted(house, name);
    await house.settle();
    expect(house.reboot(name).state.phase).toBe('Rebooting');
    expect(shown(house, name)).toContain('when the node had obeyed its order already');
    await house.boots(node);
    await house.pass(61 * second);
    expect(house.reboot(name)).toMatchObject({
      state: { phase: 'Succeeded' },
      cleanup: { endedAt: expect.any(String) },
    });
    expect(house.cluster.node(node).unschedulable).toBe(false);
  });

  it('in Settling is carried to its proof', async () => {
    const house = fakeHouse();
    const name = await approved(house);
    await house.boots(node);
    await isDeleted(house, name);
    await house.settle();
    expect(house.cluster.node(node).unschedulable).toBe(true);
    await house.pass(61 * second);
    expect(house.reboot(name).state.phase).toBe('Succeeded');
  });

  it('in Settling is not given back without its proof, where its record cannot be written at first', async () => {
    const house = fakeHouse();
    const name = await approved(house);
    await house.boots(node);
    const create = house.store.create.bind(house.store);
    house.store.create = async () => {
      throw new PortError('cluster-unreachable', 'no answer', { retryable: true });
    };
    await expect(isDeleted(house, name)).rejects.toThrow('no answer');
    await house.service.resync();
    await house.settle();
    expect(house.cluster.node(node)).toMatchObject({ unschedulable: true, cordonedBy: name });
    expect(house.ledger.now().turns).toMatchObject([{ node }]);
    house.store.create = create;
    await house.service.resync();
    await house.settle();
    expect(house.reboot(name).state.phase).toBe('Settling');
    await house.pass(61 * second);
    expect(house.reboot(name).state.phase).toBe('Succeeded');
    expect(house.ledger.now().turns).toEqual([]);
  });

  it('and whose handling has a fault of ours keeps no other node from being put in order', async () => {
    const house = fakeHouse();
    const name = await approved(house);
    house.store.create = async () => {
      throw new TypeError('a fault');
    };
    await expect(isDeleted(house, name)).rejects.toThrow('a fault');
    const turn = { reboot: 'nobody', node: 'n9', pool: 'workers', controlPlane: false, since: '' };
    await house.ledger.take(turn, { cluster: 9, pool: 9 });
    await house.service.resync();
    expect(house.ledger.now().turns).toMatchObject([{ reboot: name }]);
  });

  it('in Draining is put back at once, where its record cannot be written at first', async () => {
    const house = fakeHouse(auto);
    house.cluster.drains([]);
    const { name } = await house.sentinel({ name: node });
    const create = house.store.create.bind(house.store);
    house.store.create = async () => {
      throw new PortError('cluster-unreachable', 'no answer', { retryable: true });
    };
    await isDeleted(house, name);
    expect(house.cluster.node(node).unschedulable).toBe(false);
    expect(house.ledger.now().turns).toEqual([]);
    await house.queue.reconcileNode(node);
    await house.settle();
    expect(house.store.all()).toEqual([]);
    house.store.create = create;
    await house.service.resync();
    await house.settle();
    expectPutBack(house, name);
  });

  it('that another bot has written anew meanwhile is not written once more', async () => {
    const house = fakeHouse();
    const name = await approved(house);
    const create = house.store.create.bind(house.store);
    house.store.create = async (reboot) => {
      house.store.create = create;
      await create(reboot);
      throw new PortError('cluster-unreachable', 'the answer was lost', { retryable: true });
    };
    await isDeleted(house, name);
    await house.service.resync();
    await house.settle();
    expectPutBack(house, name);
    await house.store.remove(name);
    house.cluster.node(node).bootId = 'boot-2';
    await house.service.resync();
    expect(house.store.all()).toEqual([]);
  });

  it('that said so of another boot has obeyed nothing', async () => {
    const house = fakeHouse();
    const name = await approved(house);
    house.cluster.agentOf(node).report = aReport({ order: { ...obeying, endBoot: 'boot-0' } });
    await isDeleted(house, name);
    await house.settle();
    expectPutBack(house, name);
  });

  it('whose node has booted by its order already is carried to its proof', async () => {
    const house = fakeHouse();
    const name = await approved(house);
    house.cluster.node(node).bootId = 'boot-2';
    await isDeleted(house, name);
    await house.boots(node);
    expect(house.cluster.node(node).unschedulable).toBe(true);
    await house.pass(61 * second);
    expect(house.reboot(name)).toMatchObject({
      state: { phase: 'Succeeded' },
      cleanup: { endedAt: expect.any(String) },
    });
  });

  it('whose end still owes something carries that out', async () => {
    const house = fakeHouse();
    const name = await approved(house);
    await house.boots(node);
    const uncordon = house.cluster.uncordon.bind(house.cluster);
    house.cluster.uncordon = async () => {
      house.cluster.uncordon = uncordon;
      throw new PortError('cluster-unreachable', 'no answer', { retryable: true });
    };
    await expect(house.pass(61 * second)).rejects.toThrow('no answer');
    expect(house.reboot(name).state).toMatchObject({ phase: 'Succeeded' });
    expect(house.reboot(name).cleanup).not.toHaveProperty('endedAt');
    await isDeleted(house, name);
    await house.settle();
    expect(house.reboot(name)).toMatchObject({
      state: { phase: 'Succeeded' },
      cleanup: { endedAt: expect.any(String) },
    });
    expect(house.cluster.node(node).unschedulable).toBe(false);
  });

  it('after its failure is given up, by the same rules as with Skip', async () => {
    const house = fakeHouse();
    const name = await approved(house);
    house.cluster.node(node).ready = false;
    await house.pass(11 * minute);
    await isDeleted(house, name);
    await house.settle();
    expect(house.reboot(name).state).toMatchObject({ phase: 'GivenUp', leaveCordoned: true });
    expect(house.cluster.node(node)).toMatchObject({ unschedulable: true, cordonedBy: name });
    expect(house.ledger.now().turns).toEqual([]);
  });

  it.each([1, 2, 3])('is not approved again by a rule, after %i deletions', async (times) => {
    const house = fakeHouse(auto);
    house.cluster.drains([]);
    const { name } = await house.sentinel({ name: node });
    expect(house.reboot(name).state.phase).toBe('Draining');
    for (let time = 0; time < times; time += 1) {
      await isDeleted(house, name);
      await house.settle();
    }
    await house.service.resync();
    await house.queue.reconcileNode(node);
    await house.pass(minute);
    expectPutBack(house, name);
    expect(shown(house, name)).toContain('no rule approves it by itself');
    expect(shown(house, name)).toContain('tugboot.ask-again');
    expect(house.chat.posts).toBe(1);
  });

  it('and was denied stays denied', async () => {
    const house = fakeHouse(auto);
    const { name } = await house.sentinel({ name: 'worker-04', ready: false });
    await says(house, name, { kind: 'cancel' });
    const denied = fakeHouse();
    const other = await denied.sentinel({ name: node });
    await says(denied, other.name, { kind: 'deny', reason: 'not today' });
    await isDeleted(denied, other.name);
    expect(denied.reboot(other.name).state).toMatchObject({ phase: 'Denied', reason: 'not today' });
  });

  it('of a node that asks no longer is gone', async () => {
    const house = fakeHouse();
    const { name } = await house.sentinel({ name: node });
    house.cluster.agentOf(node).report = aReport({ required: 'no' });
    await house.queue.reconcileNode(node);
    await house.settle();
    expect(house.reboot(name).state.phase).toBe('Superseded');
    await isDeleted(house, name);
    expect(house.store.all()).toEqual([]);
  });

  it('of a boot that is over, and done with, is gone', async () => {
    const house = fakeHouse();
    const name = await approved(house);
    await house.boots(node);
    await house.pass(61 * second);
    house.cluster.log.length = 0;
    await isDeleted(house, name);
    expect(house.store.all()).toEqual([]);
    expect(house.cluster.log).toEqual([]);
  });
});

describe('a Reboot that was deleted while no bot was there', () => {
  it.each(['scan', 'look'] as const)(
    'is not asked about anew where its record could not be written at first: %s',
    async (first) => {
      const house = fakeHouse(auto);
      house.cluster.drains([]);
      const { name } = await house.sentinel({ name: node });
      await house.store.remove(name);
      const create = house.store.create.bind(house.store);
      house.store.create = async () => {
        house.store.create = create;
        throw new PortError('cluster-unreachable', 'no answer', { retryable: true });
      };
      await (first === 'scan' ? house.service.resync() : house.service.reconcileNode(node));
      await house.queue.reconcileNode(node);
      await house.settle();
      expect(house.store.all()).toEqual([]);
      await house.service.resync();
      await house.settle();
      expectPutBack(house, name);
    },
  );

  it('is put back before a person who asks with kubectl is heard', async () => {
    const house = fakeHouse();
    const name = await approved(house);
    await house.store.remove(name);
    Object.assign(house.cluster.node(node), { requested: 'once more' });
    await house.service.reconcileNode(node);
    expect(house.reboot(name).state.phase).toBe('Cancelled');
    expect(house.cluster.node(node).requested).toBe('once more');
    await house.settle();
    expectPutBack(house, name);
    await house.service.reconcileNode(node);
    expect(house.cluster.node(node).requested).toBeUndefined();
    expect(house.reboot(name).state.phase).toBe('Pending');
  });

  it.each(['scan', 'look'] as const)('is put back, and no rule approves it: %s', async (first) => {
    const house = fakeHouse(auto);
    house.cluster.drains([]);
    const { name } = await house.sentinel({ name: node });
    await house.store.remove(name);
    if (first === 'scan') await house.service.resync();
    else await house.queue.reconcileNode(node);
    await house.settle();
    await house.service.resync();
    await house.pass(minute);
    expectPutBack(house, name);
  });
});

describe('Reboots whose definition is deleted too', () => {
  it('are put back without a record, and no rule approves them when it is back', async () => {
    const house = fakeHouse(auto);
    const { name } = await house.sentinel({ name: node });
    expect(house.cluster.agentOf(node).endBoot).toBe('boot-1');
    const create = house.store.create.bind(house.store);
    house.store.create = async () => {
      throw new PortError('definition-missing', '404: the server could not find it', { retryable: true });
    };
    let shows = 0;
    const show = house.chat.show.bind(house.chat);
    house.chat.show = async (...args) => {
      shows += 1;
      return show(...args);
    };
    await isDeleted(house, name);
    expect(house.cluster.node(node).unschedulable).toBe(false);
    expect(house.cluster.agentOf(node).endBoot).toBeUndefined();
    expect(house.ledger.now().turns).toEqual([]);
    expect(shown(house, name)).toContain('somebody who deleted its Reboot');
    await house.service.resync();
    expect(shows).toBe(1);
    await house.queue.reconcileNode(node);
    await house.settle();
    house.store.create = create;
    await house.service.resync();
    await house.settle();
    await house.pass(minute);
    expectPutBack(house, name);
    // Written once: when it is pruned, it does not come back.
    await house.store.remove(name);
    house.cluster.node(node).bootId = 'boot-2';
    await house.service.resync();
    expect(house.store.all()).toEqual([]);
  });

  it('do not go on when it is back, although their nodes could not be put back at first', async () => {
    const house = fakeHouse();
    house.cluster.drains([]);
    const name = await approved(house);
    expect(house.reboot(name).state.phase).toBe('Draining');
    const create = house.store.create.bind(house.store);
    house.store.create = async () => {
      throw new PortError('definition-missing', '404: the server could not find it', { retryable: true });
    };
    const read = house.ledger.read.bind(house.ledger);
    house.ledger.read = async () => {
      throw new PortError('cluster-unreachable', 'no answer', { retryable: true });
    };
    await expect(isDeleted(house, name)).rejects.toThrow('no answer');
    house.ledger.read = read;
    house.store.create = create;
    await house.service.resync();
    expect(house.reboot(name).state.phase).toBe('Cancelled');
    await house.settle();
    expectPutBack(house, name);
  });

  it('are written anew as they were, and not as their nodes tell', async () => {
    const house = fakeHouse();
    const name = await approved(house);
    house.cluster.agentOf(node).report = aReport({ order: obeying });
    const create = house.store.create.bind(house.store);
    house.store.create = async () => {
      throw new PortError('definition-missing', '404: the server could not find it', { retryable: true });
    };
    await isDeleted(house, name);
    house.store.create = create;
    await house.service.rebootDeleted(undefined);
    expect(house.store.all()).toEqual([]);
    const caller = { person: mia, channel: 'C0OPS' };
    expect(await house.service.request(node, undefined, caller)).toMatchObject({ ok: false });
    await house.service.resync();
    expect(house.reboot(name).state.phase).toBe('Rebooting');
  });

  it('keep the turn of a node that goes down by their order, also where somebody else has cordoned it', async () => {
    const house = fakeHouse();
    const { name, need } = await house.sentinel({ name: node, unschedulable: true });
    await says(house, name, { kind: 'approve', mode: 'now', digest: need.digest });
    house.cluster.agentOf(node).report = aReport({ order: obeying });
    await house.store.remove(name);
    house.store.create = async () => {
      throw new PortError('definition-missing', '404: the server could not find it', { retryable: true });
    };
    await house.service.resync();
    await house.settle();
    expect(house.ledger.now().turns).toMatchObject([{ node }]);
    await house.boots(node);
    await house.service.resync();
    expect(house.ledger.now().turns).toEqual([]);
  });
});
