import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Runs commands inside of a machine by QEMU's guest agent, over the machine's serial port: no network and no
 * login is needed.
 */
export interface GuestAgent {
  /** What a shell prints. Waits for the machine to be up; a command that fails throws with its words. */
  run(command: string): Promise<string>;
}

export interface GuestAgentOptions {
  /** Where QEMU listens. It goes and comes with the machine's power. */
  readonly socket: string;
  /** How long one command may take, the machine's boot included. */
  readonly patience: number;
}

export function createGuestAgent({ socket, patience }: GuestAgentOptions): GuestAgent {
  return {
    async run(command) {
      const end = Date.now() + patience;
      const line = await connected(socket, end);
      try {
        return await carryOut(line, command, end);
      } finally {
        line.close();
      }
    },
  };
}

interface Line {
  /** The next answer, whatever it answers. */
  next(): Promise<unknown>;
  ask(execute: string, args: unknown): Promise<unknown>;
  close(): void;
}

const soon = 10_000;

/** An agent that does not answer is not there yet: questions to a machine that still boots get lost. */
async function connected(path: string, end: number): Promise<Line> {
  for (;;) {
    const line = await openLine(path).catch(() => undefined);
    const inStep = line && synchronise(line).catch(() => false);
    if (line !== undefined && (await Promise.race([inStep, sleep(soon, false)]))) return line;
    line?.close();
    if (Date.now() > end) throw new Error('the guest agent does not answer');
    await sleep(200);
  }
}

/** Answers to requests of an earlier connection may still come: they have another number, and are skipped. */
async function synchronise(line: Line): Promise<true> {
  const id = Date.now() % 1_000_000_000;
  let answer = await line.ask('guest-sync', { id });
  while (answer !== id) answer = await line.next();
  return true;
}

async function openLine(path: string): Promise<Line> {
  const socket = connect(path);
  await once(socket, 'connect');
  const waiting: PromiseWithResolvers<string>[] = [];
  const fail = (error: Error): void => waiting.splice(0).forEach(({ reject }) => reject(error));
  socket.on('error', fail);
  socket.on('close', () => fail(new Error('the machine went down in mid-answer')));
  createInterface({ input: socket }).on('line', (line) => waiting.shift()?.resolve(line));
  const next = async (): Promise<unknown> => {
    if (socket.destroyed) throw new Error('the machine went down between two questions');
    const answered = Promise.withResolvers<string>();
    waiting.push(answered);
    const answer = JSON.parse(await answered.promise) as { return?: unknown; error?: { desc: string } };
    if (answer.error !== undefined) throw new Error(`the guest agent refuses: ${answer.error.desc}`);
    return answer.return;
  };
  return {
    next,
    ask(execute, args) {
      socket.write(`${JSON.stringify({ execute, arguments: args })}\n`);
      return next();
    },
    close: () => socket.destroy(),
  };
}

interface Ended {
  readonly exited: boolean;
  readonly exitcode?: number;
  readonly 'out-data'?: string;
  readonly 'err-data'?: string;
}

async function carryOut(line: Line, command: string, end: number): Promise<string> {
  const args = { path: '/bin/sh', arg: ['-c', command], 'capture-output': true };
  const { pid } = (await line.ask('guest-exec', args)) as { pid: number };
  for (;;) {
    const state = (await line.ask('guest-exec-status', { pid })) as Ended;
    if (state.exited) return outputOf(command, state);
    if (Date.now() > end) throw new Error(`the machine does not finish: ${command}`);
    await sleep(200);
  }
}

function outputOf(command: string, state: Ended): string {
  const text = (data: string | undefined): string => Buffer.from(data ?? '', 'base64').toString();
  if (state.exitcode === 0) return text(state['out-data']);
  throw new Error(`${command}: ended with ${state.exitcode}: ${text(state['err-data']).trim()}`);
}
