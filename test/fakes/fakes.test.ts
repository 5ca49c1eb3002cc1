/** The fakes pass the same contracts as the real adapters. */
import { clusterContract } from '../contracts/cluster-contract.ts';
import { ledgerContract } from '../contracts/ledger-contract.ts';
import { rebootStoreContract } from '../contracts/reboot-store-contract.ts';
import { aNode } from './builders.ts';
import { fakeCluster } from './fake-cluster.ts';
import { fakeLedger } from './fake-ledger.ts';
import { fakeStore } from './fake-store.ts';

const nothing = async (): Promise<void> => undefined;

clusterContract('the fake', async () => {
  const cluster = fakeCluster();
  return {
    cluster,
    addNode: async (name, labels = {}) => {
      const { uid, bootId } = aNode({ name });
      cluster.addNode(aNode({ name, labels }));
      return { node: name, uid, bootId };
    },
    removeNode: async (name) => cluster.removeNode(name),
    setBoot: async (name, bootId) => {
      cluster.node(name).bootId = bootId;
    },
    setReady: async (name, ready) => {
      cluster.node(name).ready = ready;
    },
    cordonAsOther: async (name) => {
      cluster.node(name).unschedulable = true;
    },
    requestAsOther: async (name, reason, how) => {
      cluster.node(name).requested = reason;
      if (how !== undefined) cluster.node(name).requestedBy = 'other';
      return 'other';
    },
    taintAsOther: async (name, key) => {
      cluster.node(name).taints = [{ key, effect: 'NoSchedule' }];
    },
    conditionAsOther: async (name, type, reason) => {
      cluster.node(name).conditions = { [type]: { status: 'True', reason, message: '' } };
    },
    uncordonAsOther: async (name) => {
      cluster.node(name).unschedulable = false;
    },
    addWorkload: async (_node, { kind, name, ready }) => {
      if (kind !== 'DaemonSet' && kind !== 'Job')
        cluster.workloads = [...cluster.workloads, { kind, namespace: 'default', name, ready }];
    },
    removeWorkload: nothing,
    eventsOf: async (name) =>
      cluster.events.filter(({ node, reboot }) => node === name || reboot?.name === name),
    settled: nothing,
    close: nothing,
  };
});

rebootStoreContract('the fake', async () => {
  const store = fakeStore();
  return { store, other: store, settled: nothing, close: nothing };
});

ledgerContract('the fake', async () => {
  const ledger = fakeLedger();
  return { ledger, other: ledger, events: async () => ledger.events.map(({ note }) => note), close: nothing };
});
