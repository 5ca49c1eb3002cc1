/** The agent of a machine: the real loop over a host of the test's, and over the wire of the test's. */
import type { RequestListener } from 'node:http';
import { createNodeApi } from '../../../src/agent/api/node-agent.ts';
import { ApiError } from '../../../src/agent/api/api-error.ts';
import type { AgentTransport } from '../../../src/agent/api/agent-transport.ts';
import type { HostFacts } from '../../../src/agent/host/host.ts';
import { runAgent } from '../../../src/agent/run-agent.ts';
import type { Dice } from '../time/randomness.ts';
import { createProcess, type Process } from '../time/process.ts';
import type { VirtualTime } from '../time/virtual-time.ts';
import { type Audit, kubeWire, type KubeWire } from '../wire/kube-wire.ts';
import type { NodePlan } from '../story/schedule.ts';
import type { HostState } from './machine.ts';

export interface AgentDeps {
  readonly plan: NodePlan;
  readonly host: HostState;
  readonly handler: RequestListener;
  readonly time: VirtualTime;
  readonly dice: Dice;
  readonly onRequest: (audit: Audit) => void;
  readonly onAnswer: (audit: Audit, status: number) => void;
  readonly onSignal: () => void;
}

export interface RunningAgent {
  kill(): void;
  changed(): void;
}

const nothing = (): void => undefined;
const silent = { debug: nothing, info: nothing, warn: nothing, error: nothing };

export function startAgent(deps: AgentDeps): RunningAgent {
  const { plan, host, time, dice } = deps;
  const process = createProcess(`agent of ${plan.name}`, time);
  const wire = kubeWire({ ...deps, process, token: `agent-${plan.name}` });
  const transport = transportOf(wire, process);
  let tell = nothing;
  const bootId = async (): Promise<string> => host.bootId;
  void runAgent(
    {
      version: 'chaos',
      paths: { root: '/', sentinel: 's', bootIdFile: '', kernelReleaseFile: '', statFile: '', proc: '' },
      restat: 60_000,
      host: {
        bootId,
        read: async () => ({ facts: factsOf(host), remarks: [] }),
        packageWork: async () => undefined,
        fingerprint: bootId,
      },
      watchHost: ({ onChange }) => {
        tell = () => process.after(40, onChange);
        onChange();
        return new Promise(nothing);
      },
      commands: { readings: () => [], hostChanged: nothing, run: () => new Promise(nothing) },
      api: createNodeApi({ transport, node: plan.name }),
      transport,
      rebootHost: async () => {
        process.after(dice.between(0, 2_000), deps.onSignal);
        return { asked: true };
      },
      timers: { now: process.now, random: dice.next, after: process.after },
      log: silent,
      stateLog: { raise: nothing, clear: nothing },
    },
    new AbortController().signal,
  );
  return { kill: () => process.die(), changed: () => tell() };
}

const timestamp = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`;

function factsOf(host: HostState): HostFacts {
  const asks = host.sentinelAt !== undefined;
  return {
    required: asks ? 'yes' : 'no',
    ...(host.sentinelAt === undefined ? {} : { requiredSince: timestamp(host.sentinelAt) }),
    packages: host.packages.map((name) => ({ name, version: '1' })),
    packagesLeftOut: 0,
    kernel: { running: host.kernel, newest: host.newest },
    bootId: host.bootId,
    bootedAt: timestamp(host.bootedAt),
    signals: [{ name: 'sentinel', required: asks ? 'yes' : 'no' }],
    ...(asks ? { asking: 'sentinel' } : {}),
  };
}

const answerTimeout = 15_000;

function transportOf(wire: KubeWire, process: Process): AgentTransport {
  return {
    async json({ method, path, patch }, signal) {
      const body = patch === undefined ? null : JSON.stringify(patch);
      const headers: Record<string, string> =
        body === null ? {} : { 'content-type': 'application/merge-patch+json' };
      const answer = await wire
        .send({ method, path, body, headers, signal, timeout: answerTimeout })
        .catch((cause: unknown) => {
          throw new ApiError('The API server cannot be reached', { cause });
        });
      const text = await answer.body.text();
      if (answer.statusCode >= 300) throw new ApiError(text, { status: answer.statusCode });
      return JSON.parse(text) as unknown;
    },
    async lines(path, { stall, onLine }, signal) {
      const over = new AbortController();
      const both = AbortSignal.any([signal, over.signal]);
      let cancel = nothing;
      const heard = (): void => {
        cancel();
        cancel = process.after(stall, () => over.abort(new ApiError('Nothing heard')));
      };
      heard();
      try {
        const answer = await wire.send({
          method: 'GET',
          path,
          body: null,
          signal: both,
          timeout: answerTimeout,
        });
        if (answer.statusCode >= 300) throw new ApiError('refused', { status: answer.statusCode });
        for await (const piece of answer.body) {
          heard();
          linesOf(piece).forEach((line) => onLine(line));
        }
      } catch (error) {
        throw error instanceof ApiError ? error : new ApiError('The watch broke', { cause: error });
      } finally {
        cancel();
      }
    },
  };
}

const linesOf = (piece: Uint8Array): readonly unknown[] =>
  Buffer.from(piece)
    .toString()
    .split('\n')
    .flatMap((line) => (line === '' ? [] : [JSON.parse(line) as unknown]));
