import { afterAll, beforeAll, inject } from 'vitest';
import type { ControlPlane } from '../../cluster/harness/control-plane.ts';
import { installChart, rights } from '../../cluster/harness/install-chart.ts';
import { openTestCluster, type TestCluster } from '../../cluster/harness/test-cluster.ts';
import { describeWith } from '../../needs/describe-with.ts';
import { openVmEnvironment, type VmEnvironment } from './vm-environment.ts';

export interface Site {
  readonly cluster: TestCluster;
  readonly plane: ControlPlane;
  readonly environment: VmEnvironment;
}

export interface Wish {
  readonly machines: readonly string[];
  /** The bot's configuration file, as data. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly patience: number;
}

/**
 * Tests on machines of their own, each a node of a control plane of their own. Where that cannot be they are
 * skipped, and say why.
 */
export function onMachines(name: string, wish: Wish, tests: (site: () => Site) => void): void {
  const ground = inject('vmGround');
  const lack = ground.kind === 'none' ? ground.why : undefined;
  describeWith(name, { lack, isTold: true }, () => {
    let cluster: TestCluster | undefined;
    let site: Site | undefined;
    beforeAll(async () => {
      if (ground.kind === 'none') return;
      cluster = await openTestCluster(ground.cluster, { controllers: ['*'], scheduler: true });
      const { plane } = cluster;
      if (plane === undefined) throw new Error('this cluster is not ours');
      await installChart(
        cluster,
        ({ kind }) => rights.has(kind) || ['DaemonSet', 'ResourceQuota'].includes(kind),
      );
      site = { cluster, plane, environment: await openVmEnvironment({ ...wish, ground, cluster, plane }) };
    });
    afterAll(async () => {
      await site?.environment.close();
      await cluster?.close();
    });
    tests(() => {
      if (site === undefined) throw new Error('the machines are there only while tests run');
      return site;
    });
  });
}
