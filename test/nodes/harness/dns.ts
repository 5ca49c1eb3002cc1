import { Resolver } from 'node:dns/promises';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../../demo/environment/queue-server.ts';
import { type Component, startComponent, untilUp } from '../../cluster/harness/component.ts';
import type { ControlPlane } from '../../cluster/harness/control-plane.ts';

/** The DNS address of pods, as in most clusters. */
export const dnsAddress = '10.96.0.10';

/**
 * CoreDNS on this host, and the Service through which pods reach it. Returns the manifests of the Service.
 */
export async function startDns(
  program: string,
  plane: ControlPlane,
  address: string,
): Promise<{ readonly component: Component; readonly manifests: readonly unknown[] }> {
  const port = await freePort();
  const { directory, supervisor } = plane;
  const file = join(directory, 'Corefile');
  const lines = [
    `.:${port} {`,
    `  bind ${address}`,
    '  errors',
    '  kubernetes cluster.local {',
    `    kubeconfig ${plane.kubeconfig('admin')}`,
    '  }',
    '}',
  ];
  writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
  const component = startComponent({ name: 'dns', program, args: ['-conf', file], directory, supervisor });
  const resolver = new Resolver({ timeout: 500, tries: 1 });
  resolver.setServers([`${address}:${port}`]);
  await untilUp(
    component,
    async () => (await resolver.resolve4('kubernetes.default.svc.cluster.local')).length > 0,
  );
  return { component, manifests: service(address, port) };
}

/** Without a selector: its endpoint is not a pod. */
function service(address: string, port: number): readonly unknown[] {
  const metadata = { name: 'kube-dns', namespace: 'kube-system' };
  const protocols = ['UDP', 'TCP'].map((protocol) => ({ name: protocol.toLowerCase(), protocol }));
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { clusterIP: dnsAddress, ports: protocols.map((one) => ({ ...one, port: 53 })) },
    },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { ...metadata, labels: { 'kubernetes.io/service-name': metadata.name } },
      addressType: 'IPv4',
      endpoints: [{ addresses: [address], conditions: { ready: true } }],
      ports: protocols.map((one) => ({ ...one, port })),
    },
  ];
}
