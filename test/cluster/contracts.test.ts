import { beforeAll } from 'vitest';
import { clusterContracts } from '../contracts/cluster/cluster-contracts.ts';
import { declaredFieldsContract } from '../contracts/declared-fields-contract.ts';
import { drainContract } from '../contracts/drain-contract.ts';
import { impactContract } from '../contracts/impact-contract.ts';
import { ledgerContract, ledgerNotes } from '../contracts/ledger-contract.ts';
import { poolDigestsContract } from '../contracts/pool-digests-contract.ts';
import {
  type EditablePausesWorld,
  handWrittenPausesContract,
  pausesContract,
} from '../contracts/pauses-contract.ts';
import { recordRulesContract } from '../contracts/record-rules-contract.ts';
import { earlierRecordsContract, type EarlierWorld } from '../contracts/earlier-records-contract.ts';
import { rebootStoreContract } from '../contracts/reboot-store-contract.ts';
import { listAt, textAt } from '../../src/k8s/api/json-value.ts';
import type { Kube } from '../../src/k8s/kube.ts';
import { recordsByHand } from '../k8s/world/records-hand.ts';
import { until } from '../k8s/world/until.ts';
import { openContractWorld, openDrainWorld, settled } from './harness/contract-world.ts';
import { installation, installChart } from './harness/install-chart.ts';
import { onCluster, passiveControllers } from './harness/on-cluster.ts';

const needs = { controllers: passiveControllers, scheduler: false };
const needsEmptiness = {
  ...needs,
  notOnGiven: 'it wants a cluster without nodes and workload controllers, which only one of our own is',
};
const endless = new AbortController().signal;

onCluster(
  "the cluster's adapter under the chart's rights, on a real API server",
  needsEmptiness,
  (cluster) => {
    beforeAll(() => installChart(cluster()));

    clusterContracts('KubeCluster', async () => {
      const world = await openContractWorld(cluster());
      const kube = world.connect();
      await kube.start(() => undefined, endless);
      return {
        ...world.hand,
        cluster: kube.cluster,
        settled: () => settled(kube),
        close: () => world.close(),
      };
    });

    drainContract('KubeCluster with a real disruption controller', () => openDrainWorld(cluster()));

    impactContract('KubeCluster', () => openDrainWorld(cluster()));
  },
);

onCluster("the records under the chart's rights, on a real API server", needs, (cluster) => {
  beforeAll(() => installChart(cluster()));

  rebootStoreContract('KubeRebootStore', async () => {
    const world = await openContractWorld(cluster());
    const [one, two] = [world.connect(), world.connect()];
    await Promise.all([one, two].map((kube) => kube.start(() => undefined, endless)));
    const versions = (kube: Kube): readonly string[] => kube.store.all().map(({ version }) => version);
    return {
      store: one.store,
      other: two.store,
      async settled() {
        const list = await world.hand.ask({ method: 'GET', path: '/apis/tugboot.dev/v1alpha1/reboots' });
        const fresh = listAt(list, 'items').map((item) => textAt(item, 'metadata', 'resourceVersion'));
        const shows = (kube: Kube): boolean => JSON.stringify(versions(kube)) === JSON.stringify(fresh);
        await until('both watches show the Reboots', () => shows(one) && shows(two));
      },
      close: () => world.close(),
    };
  });

  const openRecords = async (): Promise<EarlierWorld> => {
    const world = await openContractWorld(cluster());
    return { store: world.connect().store, ...recordsByHand(world.hand), close: () => world.close() };
  };
  earlierRecordsContract('KubeRebootStore', openRecords);
  recordRulesContract('a real API server', openRecords);

  declaredFieldsContract('a real API server', async () => {
    const world = await openContractWorld(cluster());
    return { store: world.connect().store, hand: world.hand, close: () => world.close() };
  });

  const openPauses = async (): Promise<EditablePausesWorld> => {
    const world = await openContractWorld(cluster());
    const [one, two] = [world.connect(), world.connect()];
    await Promise.all([one, two].map((kube) => kube.start(() => undefined, endless)));
    return {
      pauses: one.pauses,
      other: two.pauses,
      byHand: async (data) => {
        const metadata = { name: 'tugboot-pauses', namespace: installation };
        const path = `/api/v1/namespaces/${installation}/configmaps`;
        const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data };
        await world.hand.ask({ method: 'POST', path, body });
      },
      close: () => world.close(),
    };
  };
  pausesContract('KubePauses', openPauses);
  handWrittenPausesContract('KubePauses', openPauses);

  poolDigestsContract('KubeDigests', async () => {
    const world = await openContractWorld(cluster());
    const [one, two] = [world.connect(), world.connect()];
    await Promise.all([one, two].map((kube) => kube.start(() => undefined, endless)));
    return { digests: one.digests, other: two.digests, close: () => world.close() };
  });

  ledgerContract('KubeLedger', async () => {
    const world = await openContractWorld(cluster());
    const path = `/api/v1/namespaces/${installation}/events`;
    return {
      ledger: world.connect().ledger,
      other: world.connect().ledger,
      events: async () => ledgerNotes(await world.hand.ask({ method: 'GET', path })),
      close: () => world.close(),
    };
  });
});
