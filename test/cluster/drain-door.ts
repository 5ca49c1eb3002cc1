import { Agent, request } from 'node:https';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServiceAccount, TestCluster } from './harness/test-cluster.ts';

export interface Passing {
  readonly method: string;
  readonly path: string;
  readonly isEviction: boolean;
}

/**
 * What becomes of a request: it goes through, gets an answer that the server never gave, or loses its
 * connection.
 */
export type Fate = 'through' | 'cut' | { readonly status: number; readonly body: unknown };

export interface Passed extends Passing {
  readonly at: number;
  /** 0 where the connection was lost. */
  readonly status: number;
}

export interface DrainDoor {
  /** Asked before each request, in place of the one before. */
  onRequest(judge: (passing: Passing) => Fate | Promise<Fate>): void;
  /** All that were answered, in the order of their answers. */
  readonly passed: readonly Passed[];
  /** Answers to such requests, those under way included, get no further; returns how to let them. */
  hold(which: (path: string) => boolean): () => void;
  /** A file; it is gone with the door. */
  kubeconfigFor(account: ServiceAccount): Promise<string>;
  /** Cuts every connection that stands: watches, too. */
  cutAll(): void;
  close(): Promise<void>;
}

/**
 * A proxy for the API server over plain HTTP on loopback, in which a test decides what becomes of each
 * request.
 */
export async function openDrainDoor(cluster: TestCluster): Promise<DrainDoor> {
  const { url, ca } = cluster;
  const agent = new Agent({ keepAlive: true, ca });
  const folder = mkdtempSync(join(tmpdir(), 'tugboot-door-'));
  const passed: Passed[] = [];
  const flows = new Set<Flow>();
  let isHeld = (_path: string): boolean => false;
  const flow = (path: string, answer: IncomingMessage, outgoing: ServerResponse): void => {
    const one = { path, answer, outgoing };
    flows.add(one);
    outgoing.on('close', () => flows.delete(one));
    if (!isHeld(path)) answer.pipe(outgoing);
  };
  let judge: (passing: Passing) => Fate | Promise<Fate> = () => 'through';
  const server = createServer((incoming, outgoing) => {
    const path = incoming.url ?? '/';
    const passing = { method: incoming.method ?? 'GET', path, isEviction: path.endsWith('/eviction') };
    outgoing.on('close', () =>
      passed.push({ ...passing, at: Date.now(), status: outgoing.headersSent ? outgoing.statusCode : 0 }),
    );
    void decide(passing).then((fate) => settle(fate, { incoming, outgoing, url, agent, flow }));
  });
  const decide = async (passing: Passing): Promise<Fate> => judge(passing);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const here = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    passed,
    async kubeconfigFor(account) {
      const file = join(folder, 'kubeconfig');
      writeFileSync(file, kubeconfigFor(here, await cluster.tokenOf(account)), { mode: 0o600 });
      return file;
    },
    hold(which) {
      isHeld = which;
      const held = [...flows].filter(({ path }) => which(path));
      for (const { answer, outgoing } of held) answer.unpipe(outgoing);
      return () => {
        isHeld = () => false;
        for (const { path, answer, outgoing } of flows) if (which(path)) answer.pipe(outgoing);
      };
    },
    onRequest: (next) => void (judge = next),
    cutAll: () => server.closeAllConnections(),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      agent.destroy();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Plain HTTP has to be asked for. */
const kubeconfigFor = (server: string, token: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'door', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'bot', user: { token } }],
    contexts: [{ name: 'door', context: { cluster: 'door', user: 'bot' } }],
    'current-context': 'door',
  });

interface Flow {
  readonly path: string;
  readonly answer: IncomingMessage;
  readonly outgoing: ServerResponse;
}

interface Passage {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly url: string;
  readonly agent: Agent;
  readonly flow: (path: string, answer: IncomingMessage, outgoing: ServerResponse) => void;
}

function settle(fate: Fate, passage: Passage): void {
  const { incoming, outgoing } = passage;
  if (fate === 'cut') return void outgoing.destroy();
  if (fate === 'through') return forward(passage);
  incoming.resume();
  outgoing.writeHead(fate.status, { 'content-type': 'application/json' }).end(JSON.stringify(fate.body));
}

function forward({ incoming, outgoing, url, agent, flow }: Passage): void {
  const { method, headers } = incoming;
  const target = new URL(incoming.url ?? '/', url);
  const asked = request(target, { method, headers: { ...headers, host: target.host }, agent }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    // A watch may have no events for a while, but its client waits for the headers.
    outgoing.flushHeaders();
    flow(incoming.url ?? '/', answer, outgoing);
    answer.on('error', () => outgoing.destroy());
  });
  asked.on('error', () => outgoing.destroy());
  outgoing.on('close', () => asked.destroy());
  incoming.pipe(asked);
}
