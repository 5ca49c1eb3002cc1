import { onTestFinished } from 'vitest';
import type { Timers } from '../../src/agent/timers.ts';
import type { CommandSignal } from '../../src/agent/signals/command-signal.ts';
import { createCommandSignals } from '../../src/agent/signals/command-signals.ts';
import { createCredentials } from '../../src/agent/api/credentials.ts';
import { createHost } from '../../src/agent/host/host.ts';
import { createLog, createStateLog } from '../../src/agent/log.ts';
import { createNodeApi } from '../../src/agent/api/node-agent.ts';
import type { RebootOutcome } from '../../src/agent/orders/reboot-method.ts';
import { runAgent } from '../../src/agent/run-agent.ts';
import { watchHost } from '../../src/agent/host/watch-host.ts';
import { createAgentTransport } from '../../src/agent/api/agent-transport.ts';
import type { OrderReceipt } from '../../src/reboot/nodes/node-report.ts';
import { SmallApi, type SmallApiOptions } from './api/small-api.ts';
import { tempHost, type TempHost } from './host/temp-host.ts';

export const realClock: Timers = {
  now: () => Date.now(),
  random: () => 0,
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

export interface Harness {
  readonly api: SmallApi;
  readonly host: TempHost;
  /** Messages of the log so far. */
  readonly log: string[];
  /** The receipt as it was stored at the moment of each attempt to reboot. */
  readonly attempts: (OrderReceipt | undefined)[];
  /** What the host answers to the next attempts; it obeys once the list is used up. */
  readonly answers: RebootOutcome[];
  readonly receipt: () => OrderReceipt | undefined;
  readonly until: (condition: () => boolean, what: string) => Promise<void>;
  readonly start: () => Promise<RunningAgent>;
  /** Ends all agents that run. */
  readonly stop: () => Promise<void>;
}

export interface RunningAgent {
  stop(): Promise<void>;
}

export interface HarnessOptions {
  readonly api?: SmallApiOptions;
  readonly timers?: Timers;
  readonly restat?: number;
  readonly tokenFile?: string;
  readonly commands?: readonly CommandSignal[];
}

/** A host, an API server, and agents that run between them. Everything ends with the test. */
export async function harness(options: HarnessOptions = {}): Promise<Harness> {
  const api = new SmallApi(options.api);
  const base = new URL(await api.start());
  const host = tempHost();
  const log: string[] = [];
  const attempts: (OrderReceipt | undefined)[] = [];
  const answers: RebootOutcome[] = [];
  const receipt = (): OrderReceipt | undefined => api.object?.status?.['order'] as OrderReceipt | undefined;
  const timers = options.timers ?? realClock;
  const running = new Set<RunningAgent>();
  const stop = async (): Promise<void> => void (await Promise.all([...running].map((agent) => agent.stop())));
  onTestFinished(async () => {
    await stop();
    await api.stop();
  });

  const start = async (): Promise<RunningAgent> => {
    const told = new AbortController();
    const files = options.tokenFile === undefined ? {} : { tokenFile: options.tokenFile };
    const credentials = createCredentials({ ...files, secure: false, now: timers.now });
    const transport = createAgentTransport({ base, credentials, userAgent: 'test', timers });
    const write = (line: string): void => {
      log.push((JSON.parse(line) as { msg: string }).msg);
      api.tell();
    };
    const commands = createCommandSignals({ commands: options.commands ?? [], inHost: false, timers });
    const lines = createLog({ write, level: 'debug', now: timers.now });
    const done = runAgent(
      {
        version: '1.2.3',
        paths: host.paths,
        restat: options.restat ?? 60_000,
        host: createHost(host.paths, () => commands.readings(), timers.now),
        commands,
        api: createNodeApi({ transport, node: api.node }),
        transport,
        watchHost,
        rebootHost: async () => {
          attempts.push(receipt());
          api.tell();
          return answers.shift() ?? { asked: true };
        },
        timers,
        log: lines,
        stateLog: createStateLog(lines),
      },
      told.signal,
    );
    const agent = {
      async stop() {
        told.abort();
        await done;
        credentials.close();
        running.delete(agent);
      },
    };
    running.add(agent);
    return agent;
  };
  return {
    api,
    host,
    log,
    attempts,
    answers,
    receipt,
    until: async (condition, what) => api.until(condition, what),
    start,
    stop,
  };
}
