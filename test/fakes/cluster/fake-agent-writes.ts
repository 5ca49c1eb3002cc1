import type { NodeRecords, Orders } from '../../../src/reboot/ports/cluster/node-writes.ts';
import type { FakeWorld } from './fake-world.ts';

export const fakeOrders = ({ nodes, agents, refusals, call, target, atVersion }: FakeWorld): Orders => ({
  order: async (boot, still) => {
    call(`order ${boot.node}`);
    const standing = agents.get(boot.node)?.endBoot === boot.bootId;
    if (!standing && !(await atVersion(boot.node, still))) return 'not-owed';
    const node = target(boot);
    if (typeof node === 'string') return node;
    agents.set(boot.node, { ...(agents.get(boot.node) ?? { node: boot.node }), endBoot: boot.bootId });
    return 'ordered';
  },
  withdrawOrder: async (name, endBoot, late) => {
    call(`withdraw ${name}`);
    const agent = agents.get(name);
    if (!agent) return 'gone';
    if (late !== undefined) refusals.set(name, (refusals.get(name) ?? 0) + 1);
    if (endBoot === undefined || agent.endBoot === endBoot) delete agent.endBoot;
    return 'done';
  },
  ensureAgent: async ({ name, uid }) => {
    call(`ensureAgent ${name}`);
    if (nodes.get(name)?.uid !== uid) return 'node-gone';
    if (agents.has(name)) return 'exists';
    agents.set(name, { node: name });
    return 'created';
  },
});

export const fakeRecords = ({ agents, settings, call, target }: FakeWorld): NodeRecords => ({
  setRebootRequired: async (boot, status) => {
    call(`mark ${boot.node} ${status}`);
    const node = target(boot);
    if (typeof node === 'string') return node;
    node.rebootRequired = status;
    return 'done';
  },
  writeNote: async (name, was, next, topic = 'unknownSignals') => {
    call(
      `${topic} ${name} ${next === undefined ? 'over' : next.told ? 'told' : next.notice ? 'telling' : 'seen'}`,
    );
    const agent = agents.get(name);
    if (!agent) return 'gone';
    if (JSON.stringify(agent[topic]) !== JSON.stringify(was)) return 'conflict';
    delete agent[topic];
    if (next) agent[topic] = next;
    return 'done';
  },
  record: async (event) => {
    call(`event ${event.reason}`);
    if (!settings.events.some((known) => known.key === event.key)) settings.events.push(event);
  },
});
