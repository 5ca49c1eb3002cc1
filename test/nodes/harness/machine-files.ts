import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import type { MachineAddress } from './network.ts';

export interface MachineSettings {
  readonly name: string;
  readonly at: MachineAddress;
  readonly taints: readonly { readonly key: string; readonly effect: string }[];
  /** Kubeconfigs as texts. */
  readonly kubeletAccess: string;
  readonly proxyAccess: string;
  readonly controlGroup: string;
  readonly dns: string;
  /** The default OCI spec of containers, as printed by `ctr oci spec`. */
  readonly containerSpec: Readonly<Record<string, unknown>>;
}

const hook = '/etc/machine/own-boot.sh';
export const pauseImage = 'tugboot.test/containers:1';

/** Writes the configuration of a machine's programs to its disk. */
export function writeMachineFiles(disk: string, settings: MachineSettings): void {
  const etc = join(disk, 'upper/etc/machine');
  mkdirSync(join(etc, 'cni'), { recursive: true });
  const files: Readonly<Record<string, unknown>> = {
    'containerd.toml': containerd(),
    'container-spec.json': withHook(settings.containerSpec),
    'cni/machine.conflist': podNetwork(settings),
    'kubelet.json': kubelet(settings),
    'kubelet.kubeconfig': settings.kubeletAccess,
    'kube-proxy.json': kubeProxy(settings),
    'kube-proxy.kubeconfig': settings.proxyAccess,
    'resolv.conf': '',
  };
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(etc, name), typeof content === 'string' ? content : JSON.stringify(content), {
      mode: 0o600,
    });
  copyFileSync(fileURLToPath(new URL('own-boot.sh', import.meta.url)), join(etc, 'own-boot.sh'));
}

const containerd = (): string => `version = 2
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pauseImage}"
  # Where the computer keeps CAP_SYS_RESOURCE to itself, runc could not start a container otherwise.
  restrict_oom_score_adj = true
  # Its profile would be loaded into the kernel of the computer, and stay there.
  disable_apparmor = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "/etc/machine/cni"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    base_runtime_spec = "/etc/machine/container-spec.json"
`;

const withHook = (spec: Readonly<Record<string, unknown>>): unknown => ({
  ...spec,
  hooks: {
    createContainer: [
      { path: '/bin/sh', args: ['sh', hook], env: ['PATH=/usr/sbin:/usr/bin:/sbin:/bin'], timeout: 5 },
    ],
  },
});

/**
 * Point to point: traffic between two pods of a machine must pass its iptables rules, which service addresses
 * need.
 */
const podNetwork = ({ at }: MachineSettings): unknown => ({
  cniVersion: '0.4.0',
  name: 'machine',
  plugins: [
    {
      type: 'ptp',
      ipam: {
        type: 'host-local',
        // On a tmpfs, as leases of addresses must not survive a boot.
        dataDir: '/run/cni',
        ranges: [[{ subnet: at.pods }]],
        routes: [{ dst: '0.0.0.0/0' }],
      },
    },
  ],
});

const kubelet = ({ taints, controlGroup, dns }: MachineSettings): unknown => ({
  apiVersion: 'kubelet.config.k8s.io/v1beta1',
  kind: 'KubeletConfiguration',
  containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock',
  cgroupDriver: 'cgroupfs',
  cgroupRoot: `/${controlGroup}`,
  failCgroupV1: false,
  failSwapOn: false,
  enforceNodeAllocatable: [],
  localStorageCapacityIsolation: false,
  // Free space on the host's disk must not cause evictions.
  evictionHard: { 'memory.available': '1Mi' },
  registerWithTaints: taints,
  clusterDomain: 'cluster.local',
  clusterDNS: [dns],
  resolvConf: '/etc/machine/resolv.conf',
  // Short intervals, so that status changes arrive quickly.
  nodeStatusUpdateFrequency: '2s',
  authentication: { anonymous: { enabled: false }, webhook: { enabled: true } },
  authorization: { mode: 'Webhook' },
});

const kubeProxy = ({ name }: MachineSettings): unknown => ({
  apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
  kind: 'KubeProxyConfiguration',
  mode: 'iptables',
  hostnameOverride: name,
  clientConnection: { kubeconfig: '/etc/machine/kube-proxy.kubeconfig' },
  // Settings of the host's kernel, which must not be changed.
  conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
  iptables: { minSyncPeriod: '0s' },
});
