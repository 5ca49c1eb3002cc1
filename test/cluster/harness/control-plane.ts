import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSupervisor, type Supervisor } from '../../../demo/environment/supervisor.ts';
import { freePort } from '../../../demo/environment/queue-server.ts';
import { rawKube } from '../../demo/kube/raw-kube.ts';
import { readAuditLog, type AuditedRequest } from './audit-log.ts';
import { type Component, onFreePorts, startComponent, untilUp } from './component.ts';
import {
  type Account,
  type Credentials,
  kubeconfigText,
  makeCredentials,
  type Person,
  type ServerAddress,
} from './credentials.ts';
import type { OwnGround } from './ground.ts';

export interface ControlPlaneOptions {
  readonly ground: OwnGround;
  /** In the syntax of the controller manager's --controllers; empty: no controller manager. */
  readonly controllers: readonly string[];
  readonly scheduler: boolean;
  /** Address of the API server for clients and pods; default: loopback, which pods cannot reach. */
  readonly address?: string;
  /** Users besides the persons. */
  readonly accounts?: readonly Account[];
}

export interface ControlPlane extends ServerAddress {
  readonly directory: string;
  readonly supervisor: Supervisor;
  token(person: Person): string;
  /** Path of a file. */
  kubeconfig(person: Person): string;
  /** The kubeconfig of an additional account, as text. */
  accountKubeconfig(account: string): string;
  /** Every request that the API server has responded to or begun to respond to, in order. */
  requests(): readonly AuditedRequest[];
  /** Compacts the history of all objects up to now, as every five minutes in a real cluster. */
  compact(): Promise<void>;
  stopApiServer(): Promise<void>;
  /** On the same port, with all its data. */
  startApiServer(): Promise<void>;
  /**
   * New watches for controllers and scheduler. In a real cluster both exit when they cannot renew their
   * lease, and are restarted; here they hold none, and recover from an outage on their own, which may take
   * minutes.
   */
  restartControllers(): Promise<void>;
  /**
   * Restarts the API server with a certificate of another authority: clients that trust only the old one are
   * locked out.
   */
  rotateCertificate(): Promise<void>;
  close(): Promise<void>;
}

/** etcd, API server, controller manager and scheduler as child processes on loopback. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const directory = mkdtempSync(join(tmpdir(), 'tugboot-cluster-'));
  const supervisor = createSupervisor(directory);
  try {
    return await assemble(options, directory, supervisor);
  } catch (error) {
    await supervisor.close();
    throw error;
  }
}

interface Site {
  readonly options: ControlPlaneOptions;
  readonly directory: string;
  readonly supervisor: Supervisor;
  readonly credentials: Credentials;
}

async function assemble(
  options: ControlPlaneOptions,
  directory: string,
  supervisor: Supervisor,
): Promise<ControlPlane> {
  const credentials = makeCredentials(directory, options.accounts);
  const site: Site = { options, directory, supervisor, credentials };
  const etcd = await onFreePorts(() => startEtcd(site));
  let server = await onFreePorts(async () => startApiServer(site, etcd.url, await freePort()));
  const { port } = server;
  const url = urlOf(options, port);
  const certificate = join(directory, 'certificates', 'apiserver.crt');
  let ca = readFileSync(certificate, 'utf8');
  const kubeconfig = (person: Person): string => {
    const file = join(directory, `${person}.kubeconfig`);
    const text = kubeconfigText({ url, ca }, site.credentials.tokens[person]);
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  };
  let others = await startOthers(site, kubeconfig);
  // Clients are stopped before their servers.
  const stopOthers = (): Promise<unknown> => Promise.all(others.map((component) => component.stop()));
  return {
    url,
    get ca() {
      return ca;
    },
    directory,
    supervisor,
    kubeconfig,
    accountKubeconfig(account) {
      const token = site.credentials.accounts.get(account);
      if (token === undefined) throw new Error(`no account is called ${account}`);
      return kubeconfigText({ url, ca }, token);
    },
    token: (person) => site.credentials.tokens[person],
    requests: () => readAuditLog(auditLog(directory)),
    compact: () => compact(etcd.url),
    stopApiServer: () => server.component.kill(),
    async startApiServer() {
      server = await startApiServer(site, etcd.url, port);
    },
    async restartControllers() {
      await stopOthers();
      others = await startOthers(site, kubeconfig);
    },
    async rotateCertificate() {
      await stopOthers();
      await server.component.kill();
      // The server generates a new pair.
      for (const file of [certificate, certificate.replace(/crt$/, 'key')]) rmSync(file);
      server = await startApiServer(site, etcd.url, port);
      ca = readFileSync(certificate, 'utf8');
      kubeconfig('admin');
      others = await startOthers(site, kubeconfig);
    },
    async close() {
      // On SIGTERM an API server waits for its watches, which is not needed here.
      await stopOthers();
      await server.component.kill();
      await etcd.component.stop();
      await supervisor.close();
    },
  };
}

const auditLog = (directory: string): string => join(directory, 'audit.log');
const loopback = '127.0.0.1';
const urlOf = ({ address = loopback }: ControlPlaneOptions, port: number): string =>
  `https://${address}:${port}`;

interface Etcd {
  readonly component: Component;
  readonly url: string;
}

async function startEtcd({ options, directory, supervisor }: Site): Promise<Etcd> {
  const [url, peers] = [`http://127.0.0.1:${await freePort()}`, `http://127.0.0.1:${await freePort()}`];
  const args = {
    'data-dir': join(directory, 'etcd'),
    'listen-client-urls': url,
    'advertise-client-urls': url,
    'listen-peer-urls': peers,
    'initial-advertise-peer-urls': peers,
    'initial-cluster': `default=${peers}`,
    // Durability across a power failure is not needed.
    'unsafe-no-fsync': true,
    'log-level': 'warn',
  };
  const program = options.ground.etcd;
  const component = startComponent({ name: 'etcd', program, args: flags(args), directory, supervisor });
  await untilUp(component, async () => (await fetch(`${url}/health`)).ok);
  return { component, url };
}

async function startApiServer(
  { options, directory, supervisor, credentials }: Site,
  etcd: string,
  port: number,
): Promise<{ readonly component: Component; readonly port: number }> {
  const { address = loopback } = options;
  const args = {
    'etcd-servers': etcd,
    'bind-address': address,
    'advertise-address': address,
    'secure-port': port,
    // The endpoints of Service default/kubernetes may not be on loopback; nothing uses the Service there.
    'endpoint-reconciler-type': address === loopback ? 'none' : 'lease',
    'cert-dir': join(directory, 'certificates'),
    'service-cluster-ip-range': '10.96.0.0/16',
    'service-account-issuer': 'https://kubernetes.default.svc',
    'service-account-key-file': credentials.verifyingKey,
    'service-account-signing-key-file': credentials.signingKey,
    'token-auth-file': credentials.tokenFile,
    'authorization-mode': 'Node,RBAC',
    'enable-admission-plugins': 'NodeRestriction',
    'allow-privileged': true,
    'audit-policy-file': credentials.auditPolicy,
    'audit-log-path': auditLog(directory),
  };
  const component = startComponent({
    name: 'kube-apiserver',
    program: options.ground.program,
    args: ['kube-apiserver', ...flags(args)],
    directory,
    supervisor,
  });
  const api = rawKube(urlOf(options, port), credentials.tokens.admin);
  await untilUp(component, async () => (await api.send('GET', '/readyz')).status === 200);
  return { component, port };
}

async function startOthers(
  { options, directory, supervisor, credentials }: Site,
  kubeconfig: (person: Person) => string,
): Promise<readonly Component[]> {
  const { controllers, scheduler, ground } = options;
  const started: Component[] = [];
  const start = (name: string, args: Readonly<Record<string, string | number | boolean>>): void => {
    // Without a port: their health is not queried.
    const all = [name, ...flags({ ...args, 'secure-port': 0, 'leader-elect': false })];
    started.push(startComponent({ name, program: ground.program, args: all, directory, supervisor }));
  };
  if (controllers.length > 0)
    start('kube-controller-manager', {
      kubeconfig: kubeconfig('controller-manager'),
      controllers: controllers.join(','),
      'service-account-private-key-file': credentials.signingKey,
      'root-ca-file': join(directory, 'certificates', 'apiserver.crt'),
    });
  if (scheduler) start('kube-scheduler', { kubeconfig: kubeconfig('scheduler') });
  return started;
}

const flags = (values: Readonly<Record<string, string | number | boolean>>): readonly string[] =>
  Object.entries(values).map(([name, value]) => `--${name}=${value}`);

/** Debian's etcd has a JSON API beside gRPC (etcd 3.4, "gRPC gateway"). */
async function compact(url: string): Promise<void> {
  const ask = async (path: string, body: unknown): Promise<unknown> => {
    const response = await fetch(`${url}/v3/kv/${path}`, { method: 'POST', body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`etcd ${path}: ${response.status} ${await response.text()}`);
    return response.json();
  };
  const key = Buffer.from('/').toString('base64');
  const { header } = (await ask('range', { key })) as { header: { revision: string } };
  await ask('compaction', { revision: header.revision, physical: true });
}
