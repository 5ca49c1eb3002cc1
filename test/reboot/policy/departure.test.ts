import { describe, expect, it } from 'vitest';
import { departingByDefault, departureOf, drainReason } from '../../../src/reboot/policy/departure.ts';
import { roomOf } from '../../../src/reboot/scheduling/gates/limits/room.ts';
import { plan } from '../../../src/reboot/scheduling/plan/plan.ts';
import type { NodeView } from '../../../src/reboot/nodes/node-view.ts';
import { aDecision, aNode, aPolicy, aPool, aReboot, at, noon } from '../../fakes/builders.ts';

const approved = { phase: 'Approved', since: at(0), decision: aDecision() } as const;

const tainted = (key: string): Partial<NodeView> => ({ taints: [{ key, effect: 'NoSchedule' }] });
const annotated = (key: string, value: string): Partial<NodeView> => ({ annotations: { [key]: value } });
const conditioned = (type: string, status: 'True' | 'False', reason: string): Partial<NodeView> => ({
  conditions: { [type]: { status, reason, message: '' } },
});

const leaving: readonly (readonly [string, Partial<NodeView>])[] = [
  ['Karpenter', tainted('karpenter.sh/disrupted')],
  ['the cluster autoscaler', tainted('ToBeDeletedByClusterAutoscaler')],
  ['somebody who declared it dead', tainted('node.kubernetes.io/out-of-service')],
  ['a cloud that shut it down', tainted('node.cloudprovider.kubernetes.io/shutdown')],
  ['Cluster API', annotated('cluster.x-k8s.io/delete-machine', '2026-11-22T12:00:00Z')],
  ['OpenShift', annotated('machine.openshift.io/delete-machine', 'true')],
  [
    'the machine-config operator',
    annotated('machineconfiguration.openshift.io/desiredDrain', 'drain-rendered-worker-1'),
  ],
  ['a maintenance', conditioned('MaintenanceInProgress', 'True', 'Vendor')],
  ['a drain of somebody else', conditioned('DrainInProgress', 'True', 'KubectlDrain')],
];

const staying: readonly (readonly [string, Partial<NodeView>])[] = [
  ['has no marks', {}],
  ['the autoscaler would like to have gone', tainted('DeletionCandidateOfClusterAutoscaler')],
  ['is of the control plane', tainted('node-role.kubernetes.io/control-plane')],
  ['nobody deletes', annotated('cluster.x-k8s.io/delete-machine', 'false')],
  [
    'is uncordoned',
    annotated('machineconfiguration.openshift.io/desiredDrain', 'uncordon-rendered-worker-1'),
  ],
  ['whose maintenance is over', conditioned('MaintenanceInProgress', 'False', 'Vendor')],
  ['whose drain is ours', conditioned('DrainInProgress', 'True', drainReason('w1-4f1c'))],
];

describe('a node on its way out', () => {
  it.each(leaving)('is one that is taken by %s', (_, marks) => {
    expect(departureOf(aNode(marks), departingByDefault)).toMatch(/^(has the|is drained)/);
  });

  it.each(staying)('is none that %s', (_, marks) => {
    expect(departureOf(aNode(marks), departingByDefault)).toBeUndefined();
  });

  it.each(leaving)('taken by %s is not started', (_, marks) => {
    const reboot = aReboot({ name: 'w1-r', node: { name: 'w1', uid: 'uid-w1' }, state: approved });
    const snapshot = {
      nodes: [aNode({ name: 'w1', ...marks })],
      reboots: [reboot],
      ledger: { turns: [] },
      heardAt: noon,
      pauses: [],
      ownNodes: [],
    };
    const { starts, blocked } = plan(snapshot, aPolicy(), noon);
    expect(starts).toEqual([]);
    expect(blocked.get('w1-r')).toMatchObject([{ code: 'node-leaving' }]);
  });

  it.each(leaving)(
    'taken by %s counts as out, in the plan and in the write that takes a turn',
    (_, marks) => {
      const reboot = aReboot({ name: 'w1-r', node: { name: 'w1', uid: 'uid-w1' }, state: approved });
      const nodes = [aNode({ name: 'w1' }), aNode({ name: 'w2', ...marks })];
      const snapshot = {
        nodes,
        reboots: [reboot],
        ledger: { turns: [] },
        heardAt: noon,
        pauses: [],
        ownNodes: [],
      };
      const pool = aPool({ maxUnavailable: { count: 1 } });
      const policy = aPolicy({ pools: [pool] });
      expect(plan(snapshot, policy, noon).blocked.get('w1-r')).toMatchObject([{ code: 'too-many-out' }]);
      expect(roomOf(snapshot, policy, pool).out).toEqual(['w2']);
    },
  );

  it('can be marked by what a configuration names', () => {
    const departing = {
      ...departingByDefault,
      taints: [...departingByDefault.taints, 'example.com/leaving'],
    };
    expect(departureOf(aNode(tainted('example.com/leaving')), departing)).toBe(
      'has the taint example.com/leaving',
    );
  });
});
