import type { Cordons, NodeLabels, NodeRequests } from '../../../src/reboot/ports/cluster/node-writes.ts';
import type { FakeWorld } from './fake-world.ts';
import { managedNode } from './managed-values.ts';

export const fakeCordons = ({ call, target, atVersion }: FakeWorld): Cordons => ({
  cordon: async (boot, owner, still) => {
    call(`cordon ${boot.node}`);
    if (!(await atVersion(boot.node, still))) return 'not-owed';
    const node = target(boot);
    if (typeof node === 'string') return node;
    if (node.unschedulable) return node.cordonedBy === owner ? 'us' : 'other';
    node.unschedulable = true;
    node.cordonedBy = owner;
    return 'us';
  },
  uncordon: async (boot, owner, still) => {
    call(`uncordon ${boot.node}`);
    if (!(await atVersion(boot.node, still))) return 'not-owed';
    const node = target(boot);
    if (typeof node === 'string') return node;
    if (node.cordonedBy !== owner) return node.unschedulable ? 'kept' : 'done';
    node.unschedulable = false;
    delete node.cordonedBy;
    return 'done';
  },
  forgetCordon: async (boot, owner) => {
    call(`forgetCordon ${boot.node}`);
    const node = target(boot);
    if (typeof node === 'string') return node;
    if (node.unschedulable) return 'kept';
    if (node.cordonedBy === owner) delete node.cordonedBy;
    return 'done';
  },
});

export const fakeLabels = ({ call, target, atVersion }: FakeWorld): NodeLabels => ({
  label: async (boot, wanted, still) => {
    const seen = target(boot);
    if (typeof seen === 'string') return seen;
    if (!managedNode(seen, wanted({ ...seen }))) return 'done';
    call(`label ${boot.node}`);
    if (!(await atVersion(boot.node, still))) return 'not-owed';
    const node = target(boot);
    if (typeof node === 'string') return node;
    const next = managedNode(node, wanted({ ...node }));
    if (next === undefined) return 'done';
    delete node.hookAnnotations;
    delete node.managed;
    Object.assign(node, next);
    return 'done';
  },
});

export const fakeRequests = ({ settings, call, target }: FakeWorld): NodeRequests => ({
  isRequesterProven: async (boot) => {
    call(`isRequesterProven ${boot.node}`);
    return settings.provesRequesters;
  },
  takeRequest: async (boot, asked) => {
    call(`takeRequest ${boot.node}`);
    const node = target(boot);
    if (typeof node === 'string') return node;
    if (node.requested === undefined) return 'done';
    if (node.requested !== asked.requested || node.requestedBy !== asked.requestedBy) return 'kept';
    delete node.requested;
    delete node.requestedBy;
    return 'done';
  },
});
