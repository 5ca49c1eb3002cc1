import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onPath } from '../../../demo/environment/queue-server.ts';
import { buildDns } from '../../cluster/harness/build-dns.ts';
import { findGround, type OwnGround } from '../../cluster/harness/ground.ts';
import { buildImages } from './images.ts';

const run = promisify(execFile);

/** The prerequisites of this run, or the first one that is missing. */
export type NodeGround = ReadyNodeGround | { readonly kind: 'none'; readonly why: string };

export interface ReadyNodeGround {
  readonly kind: 'ready';
  readonly plane: OwnGround;
  /** Path of CoreDNS. */
  readonly dns: string;
  /** A folder of archives, one for each image. */
  readonly images: string;
}

export interface NodeGroundOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly tell: (line: string) => void;
  /** Folder for archives, for the duration of the tests. */
  readonly folder: string;
}

/** Programs by the Debian package that contains them. */
const needed: Readonly<Record<string, readonly string[]>> = {
  containerd: ['containerd', 'ctr'],
  runc: ['runc'],
  'containernetworking-plugins': ['/usr/lib/cni/ptp', '/usr/lib/cni/host-local'],
  iptables: ['iptables'],
  iproute2: ['ip'],
  'util-linux': ['unshare', 'nsenter', 'setarch'],
  'redis-server': ['redis-server'],
};

export async function findNodeGround({ env, tell, folder }: NodeGroundOptions): Promise<NodeGround> {
  const none = (why: string): NodeGround => ({ kind: 'none', why });
  if (process.getuid?.() !== 0) return none('only root can make machines with a network of their own');
  const why =
    (await withoutPrograms(env)) ??
    (await withoutNamespaces(join(folder, 'trial'))) ??
    (await withoutBridges());
  if (why !== undefined) return none(why);
  // A given cluster is not used: its nodes must not be rebooted.
  const { TUGBOOT_TEST_KUBECONFIG: _, ...ownEnv } = env;
  const plane = await findGround({ env: ownEnv, tell });
  if (plane.kind !== 'own') return none(plane.kind === 'none' ? plane.why : 'the cluster is not ours');
  const dns = await buildDns({ env, tell });
  if (!dns.ok) return none(dns.why);
  const images = await buildImages({ env, tell, folder });
  return images.ok ? { kind: 'ready', plane, dns: dns.program, images: folder } : none(images.why);
}

/** The first steps of every machine: its namespaces, and a writable overlay. */
const trial = `
mkdir -p "$0/upper" "$0/work" "$0/root" &&
mount -t overlay overlay -o "lowerdir=/,upperdir=$0/upper,workdir=$0/work" "$0/root"`;

async function withoutNamespaces(folder: string): Promise<string | undefined> {
  const args = ['--pid', '--fork', '--mount', '--net', '--uts', '--ipc', '/bin/sh', '-c', trial, folder];
  return run('unshare', args).then(
    () => undefined,
    () => 'this root may not make namespaces and overlays of its files, as in a container without privileges',
  );
}

/** Docker enables iptables for bridged traffic, and drops what is not its own. */
async function withoutBridges(): Promise<string | undefined> {
  const setting = '/proc/sys/net/bridge/bridge-nf-call-iptables';
  if (!existsSync(setting) || readFileSync(setting, 'utf8').trim() === '0') return undefined;
  const { stdout } = await run('iptables', ['--list-rules', 'FORWARD']);
  return stdout.includes('-P FORWARD DROP')
    ? 'the firewall of this computer drops what machines on a bridge say to each other (policy of FORWARD)'
    : undefined;
}

async function withoutPrograms(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const lacking = (): readonly string[] =>
    Object.entries(needed)
      .filter(([, programs]) => programs.some((program) => !isHere(program, env['PATH'] ?? '')))
      .map(([name]) => name);
  if (lacking().length > 0 && existsSync('/usr/bin/apt-get')) {
    const quiet = { env: { ...env, DEBIAN_FRONTEND: 'noninteractive' } };
    const install = (): Promise<unknown> =>
      run('apt-get', ['install', '-y', '--no-remove', '--no-install-recommends', ...lacking()], quiet);
    // Packages that cannot be installed are reported below. A fresh host may have no package lists yet.
    await install()
      .catch(() => run('apt-get', ['update'], quiet).then(install, () => undefined))
      .catch(() => undefined);
  }
  const left = lacking();
  return left.length === 0 ? undefined : `these packages of Debian are missing: ${left.join(' ')}`;
}

const isHere = (program: string, path: string): boolean =>
  program.startsWith('/') ? existsSync(program) : onPath(program, path) !== undefined;
