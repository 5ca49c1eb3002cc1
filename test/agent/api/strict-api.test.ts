import { readFileSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { createCommandSignals } from '../../../src/agent/signals/command-signals.ts';
import { createCredentials } from '../../../src/agent/api/credentials.ts';
import { createLog, createStateLog } from '../../../src/agent/log.ts';
import { createNodeApi } from '../../../src/agent/api/node-agent.ts';
import { runAgent } from '../../../src/agent/run-agent.ts';
import { watchHost } from '../../../src/agent/host/watch-host.ts';
import { createAgentTransport } from '../../../src/agent/api/agent-transport.ts';
import { startKubeApi, type KubeApi, type PolicyRule } from '../../../demo/kube/kube-api.ts';
import { realClock } from '../start-agent.ts';
import { bootOne, tempHost } from '../host/temp-host.ts';

const chart = (name: string): string =>
  readFileSync(new URL(`../../../charts/tugboot/${name}`, import.meta.url), 'utf8');
const agents = '/apis/tugboot.dev/v1alpha1/nodeagents';

/**
 * An API server with the definitions and the rights of the chart, which checks every request against both.
 */
async function strictApi(): Promise<{
  api: KubeApi;
  ask: (method: string, path: string, body?: unknown) => Promise<Record<string, unknown>>;
}> {
  const rules = parse(chart('files/agent-rules.yaml')) as PolicyRule[];
  const everything = [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }];
  const users = new Map([
    ['agent-token', { name: 'agent', rules, nodeName: 'n1' }],
    ['admin-token', { name: 'admin', rules: everything }],
  ]);
  const api = await startKubeApi({ users, crds: [chart('files/crds/nodeagents.yaml')] });
  onTestFinished(async () => api.close());
  const ask = async (method: string, path: string, body?: unknown): Promise<Record<string, unknown>> => {
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const answer = await fetch(api.url + path, {
      method,
      headers: { authorization: 'Bearer admin-token', 'content-type': type },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const json = (await answer.json()) as Record<string, unknown>;
    if (!answer.ok) throw new Error(JSON.stringify(json));
    return json;
  };
  return { api, ask };
}

describe('the agent and an API server that checks schema and rights', () => {
  it('get along, from before the object is there to the reboot', async () => {
    const { api, ask } = await strictApi();
    const host = tempHost();
    host.write('token', 'agent-token');
    host.require(`libc6\n${'x'.repeat(500)}\n`);
    await ask('POST', '/api/v1/nodes', { metadata: { name: 'n1' }, spec: { unschedulable: true } });

    const stop = new AbortController();
    const trouble: string[] = [];
    const waiting = Promise.withResolvers<void>();
    const write = (line: string): void => {
      const { level, msg } = JSON.parse(line) as { level: string; msg: string };
      if (level !== 'info') trouble.push(msg);
      if (msg.startsWith('waiting for the bot')) waiting.resolve();
    };
    const log = createLog({ write, level: 'info', now: Date.now });
    const credentials = createCredentials({ tokenFile: host.path('token'), secure: false, now: Date.now });
    const transport = createAgentTransport({
      base: new URL(api.url),
      credentials,
      userAgent: 'test',
      timers: realClock,
    });
    const rebooted = Promise.withResolvers<void>();
    const running = runAgent(
      {
        version: '1.2.3',
        paths: host.paths,
        restat: 60_000,
        host: host.host,
        commands: createCommandSignals({ commands: [], inHost: false, timers: realClock }),
        api: createNodeApi({ transport, node: 'n1' }),
        transport,
        watchHost,
        rebootHost: async () => {
          rebooted.resolve();
          return { asked: true };
        },
        timers: realClock,
        log,
        stateLog: createStateLog(log),
      },
      stop.signal,
    );
    await waiting.promise;
    await ask('POST', agents, {
      apiVersion: 'tugboot.dev/v1alpha1',
      kind: 'NodeAgent',
      metadata: { name: 'n1' },
      spec: {},
    });
    await ask('PATCH', `${agents}/n1`, { spec: { endBoot: bootOne } });
    await rebooted.promise;
    const { status } = await ask('GET', `${agents}/n1`);
    stop.abort();
    await running;
    credentials.close();
    expect(status).toMatchObject({
      required: 'yes',
      bootId: bootOne,
      order: { state: 'obeying', endBoot: bootOne },
    });
    expect(trouble).toEqual(['asking the host to reboot', 'the host was asked to reboot']);
    // The object was not there at first; nothing else was refused.
    const refused = api.requests().filter((request) => request.status >= 400);
    expect(refused.map((request) => request.status)).toEqual([404]);
  });
});
