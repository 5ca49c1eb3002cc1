/** The contracts of all ports to the nodes of a cluster. */
import type { ClusterWorld } from './cluster-bench.ts';
import { cordonsContract } from './cordons-contract.ts';
import { drainsContract } from './drains-contract.ts';
import { freshReadsContract } from './fresh-reads-contract.ts';
import { nodeLabelsContract } from './node-labels-contract.ts';
import { nodeRecordsContract } from './node-records-contract.ts';
import { nodeRequestsContract } from './node-requests-contract.ts';
import { nodeWorkloadsContract } from './node-workloads-contract.ts';
import { ordersContract } from './orders-contract.ts';
import { watchedAgentsContract } from './watched-agents-contract.ts';
import { watchedNodesContract } from './watched-nodes-contract.ts';

export function clusterContracts(name: string, make: () => Promise<ClusterWorld>): void {
  watchedNodesContract(name, make);
  watchedAgentsContract(name, make);
  freshReadsContract(name, make);
  nodeWorkloadsContract(name, make);
  cordonsContract(name, make);
  nodeLabelsContract(name, make);
  nodeRequestsContract(name, make);
  ordersContract(name, make);
  nodeRecordsContract(name, make);
  drainsContract(name, make);
}
