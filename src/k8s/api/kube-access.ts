import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { RequestOptions } from 'node:https';
// Imports the package root and no deep path: config.js loads the generated API anyway, so a deep import saves
// nothing (78 against 80 MB resident, bundled).
import { KubeConfig } from '@kubernetes/client-node';
import { PortError } from '../../reboot/ports/port-error.ts';
import { type Clock, second } from '../../reboot/time/time.ts';
import { sharedReadings } from '../../timing/shared-readings.ts';
import type { TlsOptions } from './transport.ts';

export interface KubeConfigSource {
  /** A kubeconfig file. Without it, and outside of a cluster: kubectl's default locations. */
  readonly kubeconfig?: string;
  readonly context?: string;
  /** Address of the API server, in place of a kubeconfig. */
  readonly server?: string;
  /** With `server`. */
  readonly tokenFile?: string;
  /** With `server`: PEM. Absent: the authorities of the system. */
  readonly caFile?: string;
  /** Use the service account of the pod that this process runs in. */
  readonly inCluster?: boolean;
}

/** What authenticates one request. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsOptions;
  /** Hash of the TLS options: when it changes, new connections are needed. */
  readonly key: string;
}

export interface KubeAccess {
  /** The URL, without a trailing slash. */
  readonly server: string;
  readonly proxy?: string;
  credentials(): Promise<Credentials>;
  /**
   * Invalidates the cached credentials after a 401, or after a server certificate that failed verification:
   * the next request reads them again.
   */
  forget(): void;
}

/**
 * Long enough that a burst of requests reads the files once, short enough that a rotated token or certificate
 * is used soon.
 */
const credentialsLast = 10 * second;

const unusable = (message: string, cause?: unknown): PortError =>
  new PortError('cluster-invalid', message, { retryable: false, cause });

function loadConfig(source: KubeConfigSource): KubeConfig {
  const config = new KubeConfig();
  if (source.server !== undefined) loadServer(config, { ...source, server: source.server });
  else if (source.inCluster) config.loadFromCluster();
  else if (source.kubeconfig === undefined) config.loadFromDefault();
  else loadFile(config, source.kubeconfig);
  if (source.context !== undefined) config.setCurrentContext(source.context);
  return config;
}

/** As the service account of a pod is loaded: both files are read again at each use. */
function loadServer(
  config: KubeConfig,
  { server, tokenFile, caFile }: KubeConfigSource & { readonly server: string },
): void {
  const name = 'server';
  config.loadFromOptions({
    clusters: [{ name, server, skipTLSVerify: false, ...(caFile === undefined ? {} : { caFile }) }],
    users: [{ name, authProvider: { name: 'tokenFile', config: { tokenFile } } }],
    contexts: [{ name, cluster: name, user: name }],
    currentContext: name,
  });
}

function loadFile(config: KubeConfig, file: string): void {
  try {
    readFileSync(file);
    config.loadFromFile(file);
  } catch (cause) {
    throw unusable(`The kubeconfig ${file} cannot be read.`, cause);
  }
}

function currentServer(config: KubeConfig): { readonly server: string; readonly proxyUrl?: string } {
  const cluster = config.getCurrentCluster();
  if (cluster) {
    if (cluster.server.startsWith('http:') && !cluster.skipTLSVerify) {
      // The library refuses this as well, but only at the first request, and its message does not say how to
      // fix it.
      throw unusable(
        `The server ${cluster.server} speaks plain http. Set insecure-skip-tls-verify to allow that.`,
      );
    }
    if (cluster.proxyUrl?.startsWith('socks'))
      throw unusable('A SOCKS proxy in the kubeconfig is not supported. Use an HTTP proxy.');
    return cluster;
  }
  const known = config.getContexts().map((context) => context.name);
  throw unusable(
    `The kubeconfig has no context "${config.getCurrentContext()}". It has: ${known.join(', ') || 'none'}.`,
  );
}

const text = (value: unknown): string | undefined =>
  typeof value === 'string' || Buffer.isBuffer(value) ? value.toString() : undefined;

function tlsOf(options: RequestOptions): TlsOptions {
  const ca = text(options.ca);
  const cert = text(options.cert);
  const key = text(options.key);
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(options.servername === undefined ? {} : { servername: options.servername }),
    ...(options.rejectUnauthorized === undefined ? {} : { rejectUnauthorized: options.rejectUnauthorized }),
  };
}

function headersOf(options: RequestOptions): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    // A token file often ends in a newline, which is not allowed in a header.
    if (value !== undefined) headers[name.toLowerCase()] = String(value).trim();
  }
  if (options.auth) headers['authorization'] = `Basic ${Buffer.from(options.auth).toString('base64')}`;
  return headers;
}

async function readCredentials(config: KubeConfig): Promise<Credentials> {
  const options: RequestOptions = {};
  try {
    await config.applyToHTTPSOptions(options);
  } catch (cause) {
    // Transient: the kubelet may be replacing the token file, or an exec plugin may have failed.
    throw new PortError('cluster-refused', 'The credentials of the cluster cannot be read.', {
      retryable: true,
      cause,
    });
  }
  const tls = tlsOf(options);
  return {
    headers: headersOf(options),
    tls,
    key: createHash('sha256').update(JSON.stringify(tls)).digest('hex'),
  };
}

/** After a refusal: the kubeconfig itself, or a file that it names, may have been replaced. */
function loadAgain(source: KubeConfigSource, before: KubeConfig): KubeConfig {
  try {
    const config = loadConfig(source);
    currentServer(config);
    return config;
  } catch {
    // The file is being written, or is gone. Keep the previous configuration; the server's response shows
    // whether it is still valid.
    return before;
  }
}

/**
 * Credentials with a short cache, since tokens and certificates rotate. After `forget` the whole
 * configuration is loaded again: client-node caches the content of a token file for a minute.
 */
export function kubeAccess(source: KubeConfigSource, clock: Clock): KubeAccess {
  let config = loadConfig(source);
  const { server, proxyUrl } = currentServer(config);
  const cached = sharedReadings<Credentials>(clock, credentialsLast);
  return {
    server: server.replace(/\/+$/, ''),
    ...(proxyUrl === undefined ? {} : { proxy: proxyUrl }),
    credentials: () => cached.read('', () => readCredentials(config)),
    forget() {
      if (cached.forget('')) config = loadAgain(source, config);
    },
  };
}
