import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  startKubeApi,
  type KubeApi,
  type KubeApiOptions,
  type PolicyRule,
} from '../../../demo/kube/kube-api.ts';
import { parseOnce } from '../../../demo/kube/parse-once.ts';
import type { Logger } from '../../../src/reboot/ports/logger.ts';
import { createKubeClient, type KubeClient } from '../../../src/k8s/api/client.ts';
import { kubeAccess } from '../../../src/k8s/api/kube-access.ts';
import { createTransport } from '../../../src/k8s/api/transport.ts';
import { connectKube, type Kube, type KubeOptions } from '../../../src/k8s/kube.ts';
import { silentLogger } from '../../fakes/silent-logger.ts';

const chart = (path: string): string =>
  readFileSync(new URL(`../../../charts/tugboot/${path}`, import.meta.url), 'utf8');

export const crdTexts: readonly string[] = [
  chart('files/crds/reboots.yaml'),
  chart('files/crds/nodeagents.yaml'),
];

/** The rights that the chart gives the bot, and no others. */
export const botRules = (namespace: string): readonly PolicyRule[] => [
  ...(parseOnce(chart('files/bot-rules.yaml')) as PolicyRule[]),
  ...(parseOnce(chart('files/bot-namespace-rules.yaml')) as PolicyRule[]).map((rule) =>
    Object.assign(rule, { namespaces: [namespace] }),
  ),
];

export const systemClock = { now: () => Date.now() };

export const realSleep = async (ms: number, signal?: AbortSignal): Promise<void> => {
  await sleep(ms, undefined, signal ? { signal } : {});
};

const kubeconfig = (url: string, token: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'demo', cluster: { server: url, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'demo', user: { token } }],
    contexts: [{ name: 'demo', context: { cluster: 'demo', user: 'demo' } }],
    'current-context': 'demo',
  });

export interface ApiWorld {
  readonly api: KubeApi;
  /** A client with all permissions, for the tests themselves. */
  readonly admin: KubeClient;
  readonly kubeconfig: string;
  /** A bot with the chart's rights. */
  connect(overrides?: Partial<KubeOptions>): Kube;
  close(): Promise<void>;
}

export const installation = 'tugboot-system';

export async function startApiWorld(options: Partial<KubeApiOptions> = {}): Promise<ApiWorld> {
  const users = new Map([
    ['admin-token', { name: 'admin' }],
    ['bot-token', { name: 'bot', rules: botRules(installation) }],
    ['other-token', { name: 'other', rules: botRules('other-namespace') }],
  ]);
  const api = await startKubeApi({ users, crds: crdTexts, ...options });
  const folder = mkdtempSync(join(tmpdir(), 'tugboot-kube-'));
  const configFor = (token: string): string => {
    const file = join(folder, `${token}.json`);
    writeFileSync(file, kubeconfig(api.url, token));
    return file;
  };
  const access = kubeAccess({ kubeconfig: configFor('admin-token') }, systemClock);
  const admin = createKubeClient({
    access,
    transport: createTransport(undefined),
    sleep: realSleep,
    userAgent: 'test',
  });
  for (const name of [installation, 'other-namespace']) {
    await admin.send({
      method: 'POST',
      path: '/api/v1/namespaces',
      body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
    });
  }
  const kubes: Kube[] = [];
  const base = {
    namespace: installation,
    clock: systemClock,
    random: Math.random,
    logger: silentLogger,
    sleep: realSleep,
  };
  return {
    api,
    admin,
    kubeconfig: configFor('bot-token'),
    connect(overrides = {}) {
      const token = overrides.namespace === undefined ? 'bot-token' : 'other-token';
      const kube = connectKube({ ...base, kubeconfig: configFor(token), version: '0.1.0', ...overrides });
      kubes.push(kube);
      return kube;
    },
    async close() {
      await Promise.all(kubes.map((kube) => kube.stop()));
      await admin.close();
      await api.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** A logger that records its lines. */
export function keepingLogger(): Logger & {
  readonly lines: { level: string; message: string; fields: unknown }[];
} {
  const lines: { level: string; message: string; fields: unknown }[] = [];
  const write =
    (level: string) =>
    (message: string, fields?: unknown): void => {
      lines.push({ level, message, fields });
    };
  const logger = {
    lines,
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: () => logger,
  };
  return logger;
}
