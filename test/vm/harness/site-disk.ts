import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { dockerArchive } from '../../../scripts/image/docker-archive.ts';
import { hostFile } from '../../../scripts/image/program-files.ts';
import { renderChart } from '../../cluster/harness/install-chart.ts';
import { kubeconfigText } from '../../cluster/harness/credentials.ts';
import type { ControlPlane } from '../../cluster/harness/control-plane.ts';
import { listAt, textAt } from '../../../src/k8s/api/json-value.ts';
import type { MachineImage } from './machine-image.ts';

const run = promisify(execFile);

/** The first process of a pod's namespaces, and good for a workload that only has to be there. */
export const pauseImage = 'pause:vm';

export interface SiteOptions {
  readonly plane: ControlPlane;
  /** The Kubernetes program, which is the kubelet as well. */
  readonly program: string;
  readonly image: MachineImage;
  readonly machines: readonly string[];
}

/**
 * A disk with what the machines of one run need: the kubelet, its way to the API server, the images of the
 * containers.
 */
export async function makeSiteDisk(options: SiteOptions): Promise<string> {
  const { plane, program, machines } = options;
  const folder = join(plane.directory, 'site');
  mkdirSync(join(folder, 'images'), { recursive: true });
  mkdirSync(join(folder, 'kubeconfigs'));
  copyFileSync(program, join(folder, 'control-plane'));
  writeFileSync(join(folder, 'environment'), `API_PORT=${new URL(plane.url).port}\n`);
  for (const name of machines) writeFileSync(join(folder, 'kubeconfigs', name), kubeletConfig(plane, name));
  await writeImages(options, join(folder, 'images'));
  const disk = join(plane.directory, 'site.img');
  await run('mke2fs', ['-q', '-t', 'ext4', '-d', folder, disk, '512M'], {
    env: { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` },
  });
  rmSync(folder, { recursive: true, force: true });
  return disk;
}

/**
 * The kubelet acts as its node, and no further than the API server lets a node; that it may is the
 * administrator's word.
 */
function kubeletConfig(plane: ControlPlane, node: string): string {
  const address = { url: 'https://10.96.0.1', ca: plane.ca };
  const config = JSON.parse(kubeconfigText(address, plane.token('admin'))) as {
    users: { user: Record<string, unknown> }[];
  };
  for (const { user } of config.users)
    Object.assign(user, { as: `system:node:${node}`, 'as-groups': ['system:nodes'] });
  return JSON.stringify(config);
}

/** Tugboot's by the script that users run. */
async function writeImages({ image }: SiteOptions, folder: string): Promise<void> {
  const file = join(folder, 'tugboot.tar');
  const script = fileURLToPath(new URL('../../../scripts/image.ts', import.meta.url));
  await run(process.execPath, [script, '--out', file, '--name', full(await agentImage())]);
  const pause = dockerArchive({
    name: full(pauseImage),
    architecture: 'amd64',
    layers: [[hostFile(image.pause, 'pause', 0o755)]],
    config: { Entrypoint: ['/pause', '-P'] },
  });
  writeFileSync(join(folder, 'pause.tar'), Buffer.concat(pause.archive));
}

/** As containerd keeps the name of an image that names no registry. */
const full = (name: string): string => `docker.io/library/${name}`;

/** The image that the chart's agents ask for. */
export async function agentImage(): Promise<string> {
  const daemonSet = (await renderChart()).find(({ kind }) => kind === 'DaemonSet');
  const found = textAt(listAt(daemonSet, 'spec', 'template', 'spec', 'containers')[0], 'image');
  if (found === undefined) throw new Error('the chart has no DaemonSet with a container');
  return found;
}
