/**
 * The agents of the machines: the real one, a process for each node as in a cluster, or all of them in this
 * process, where a hundred processes would be too much for one machine.
 */
import type { ChildProcess } from 'node:child_process';
import { createWriteStream, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../src/commands/agent.ts';
import type { Supervisor } from './supervisor.ts';
import { restartedProgram, startProgram } from './programs.ts';

export type AgentsRun = 'as processes' | 'in this process';

export interface RunningAgent {
  /** Absent where it runs in this process. */
  readonly child?: ChildProcess;
  kill(): Promise<void>;
}

export interface AgentOptions {
  readonly node: string;
  /** The host's directory. */
  readonly host: string;
  readonly directory: string;
  readonly bundles: string;
  readonly supervisor: Supervisor;
  readonly url: string;
  readonly agentTokens: ReadonlyMap<string, string>;
  readonly agentsRun: AgentsRun;
  readonly onTrouble: (error: unknown) => void;
  readonly onRestart?: (what: string, how: string) => void;
  /** True once its machine has been switched off. */
  readonly gone: () => boolean;
}

/** Calls back with the agent, and again with each that replaces a crashed one. */
export function startAgent(options: AgentOptions, started: (agent: RunningAgent) => void): void {
  if (options.agentsRun === 'in this process') {
    started(runHere(options));
    return;
  }
  const { node, supervisor, onRestart, gone } = options;
  restartedProgram({ what: `The agent of ${node}`, supervisor, onRestart, gone }, () => {
    const program = startProgram(options.bundles, supervisor, {
      command: 'agent',
      logFile: logOf(options),
      env: environment(options),
    });
    started(program);
    return program;
  });
}

function runHere(options: AgentOptions): RunningAgent {
  const stopping = new AbortController();
  const log = createWriteStream(logOf(options), { flags: 'a' });
  const env = { PATH: process.env['PATH'], ...environment(options) };
  const over = run([], { env, stdout: log, stderr: log, signal: stopping.signal })
    .catch(options.onTrouble)
    .then(() => void log.end());
  const kill = async (): Promise<void> => {
    stopping.abort();
    await over;
  };
  options.supervisor.onEnd(kill);
  return { kill };
}

const logOf = ({ directory, node }: AgentOptions): string => join(directory, `agent-${node}.log`);

function environment({ node, host, directory, url, agentTokens }: AgentOptions): Record<string, string> {
  const tokenFile = join(directory, `agent-${node}.token`);
  writeFileSync(tokenFile, agentTokens.get(node) ?? '', { mode: 0o600 });
  return {
    NODE_NAME: node,
    TUGBOOT_API_URL: url,
    TUGBOOT_API_TOKEN_FILE: tokenFile,
    TUGBOOT_HOST_ROOT: host,
    TUGBOOT_BOOT_ID_FILE: join(host, 'proc', 'boot_id'),
    TUGBOOT_KERNEL_RELEASE_FILE: join(host, 'proc', 'osrelease'),
    TUGBOOT_STAT_FILE: join(host, 'proc', 'stat'),
    TUGBOOT_PROC: join(host, 'proc'),
    TUGBOOT_REBOOT_METHOD: 'command',
    TUGBOOT_REBOOT_COMMAND: join(host, 'bin', 'reboot'),
  };
}
