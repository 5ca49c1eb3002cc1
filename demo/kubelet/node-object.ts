import { type JsonObject } from '../kube/json.ts';
import { inSeconds } from '../kube/objects/object.ts';

export interface NodeIdentity {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly osImage: string;
  readonly taints?: readonly { readonly key: string; readonly effect: string }[];
}

export interface NodeState {
  readonly bootId: string;
  readonly kernel: string;
  readonly ready: boolean;
  readonly now: number;
}

/** The Node, as its kubelet registers it. */
export function nodeObject(identity: NodeIdentity, state: NodeState): JsonObject {
  const { name, labels, taints = [] } = identity;
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        ...labels,
      },
    },
    spec: taints.length === 0 ? {} : { taints: taints.map(({ key, effect }) => ({ key, effect })) },
    status: nodeStatus(identity, state),
  };
}

/** The part of a Node's status that a boot can change, and the constant part. */
export function nodeStatus({ name, osImage }: NodeIdentity, state: NodeState): JsonObject {
  const size = { cpu: '4', memory: '16Gi', pods: '110', 'ephemeral-storage': '100Gi' };
  return {
    capacity: size,
    allocatable: size,
    addresses: [{ type: 'Hostname', address: name }],
    conditions: nodeConditions(state),
    nodeInfo: {
      machineID: name,
      systemUUID: name,
      bootID: state.bootId,
      kernelVersion: state.kernel,
      osImage,
      containerRuntimeVersion: 'containerd://1.7.12',
      kubeletVersion: 'v1.36.3',
      kubeProxyVersion: '',
      operatingSystem: 'linux',
      architecture: 'amd64',
    },
  };
}

/**
 * Ready is True while the kubelet runs, and False once it shuts down; Unknown is set by the control plane.
 */
export function nodeConditions({ ready, now }: Pick<NodeState, 'ready' | 'now'>): readonly JsonObject[] {
  const at = inSeconds(now);
  const condition = (type: string, status: string, reason: string, message: string): JsonObject => ({
    type,
    status,
    reason,
    message,
    lastHeartbeatTime: at,
    lastTransitionTime: at,
  });
  return [
    condition(
      'MemoryPressure',
      'False',
      'KubeletHasSufficientMemory',
      'kubelet has sufficient memory available',
    ),
    condition('DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
    ready
      ? condition('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status')
      : condition('Ready', 'False', 'KubeletNotReady', 'node is shutting down'),
  ];
}
