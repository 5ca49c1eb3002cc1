// What the bench asks of the process of its API, and what that answers.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export type ScaleCommand =
  | { readonly kind: 'seed'; readonly nodes: number; readonly pods: number }
  | { readonly kind: 'ask'; readonly count: number; readonly within: number }
  | { readonly kind: 'counts'; readonly since: number }
  | { readonly kind: 'cordons' }
  | { readonly kind: 'delay'; readonly milliseconds: number }
  | { readonly kind: 'decided' };

/** A node that was cordoned or uncordoned, by anybody. */
export interface Cordon {
  readonly node: string;
  readonly on: boolean;
  readonly at: number;
}

/** How far a decision for many has come. */
export interface Decided {
  readonly reboots: number;
  /** Reboots that are decided, whatever for. */
  readonly decided: number;
  /** Of which each that waits says what for. */
  readonly settled: number;
}

export interface Counts {
  readonly agents: number;
  /** Nodes with the condition RebootRequired. */
  readonly mirrored: number;
  readonly reboots: number;
  /** Reboots whose card is stored. */
  readonly cards: number;
  /** Requests of the bot since the time that was asked for, by verb and kind. */
  readonly requests: Readonly<Record<string, number>>;
  readonly lastAt: number;
  readonly now: number;
}

export const isCommand = (message: unknown): message is ScaleCommand =>
  typeof message === 'object' && message !== null && 'kind' in message;

/** The API of a bench, with its simulated hosts. */
export interface ScaleApi {
  readonly url: string;
  seed(nodes: number, pods: number): Promise<void>;
  ask(count: number, within: number): Promise<void>;
  counts(since: number): Promise<Counts>;
  /** All since the start, in order. */
  cordons(): Promise<readonly Cordon[]>;
  /** From now on each answer comes so many milliseconds later. */
  delay(milliseconds: number): Promise<void>;
  decided(): Promise<Decided>;
}

export interface ApiProcess extends ScaleApi {
  readonly child: ChildProcess;
}

export async function startApiProcess(tokens: { admin: string; bot: string }): Promise<ApiProcess> {
  const program = join(import.meta.dirname, 'api-process.ts');
  const child = fork(program, [tokens.admin, tokens.bot], { execArgv: ['--max-old-space-size=6144'] });
  const answered = async (): Promise<unknown> => {
    const [answer]: unknown[] = await once(child, 'message');
    if (typeof answer === 'object' && answer !== null && 'error' in answer)
      throw new Error(String(answer.error));
    return answer;
  };
  let last: Promise<unknown> = Promise.resolve();
  const send = (command: ScaleCommand): Promise<unknown> => {
    last = last.then(() => {
      const answer = answered();
      child.send(command);
      return answer;
    });
    return last;
  };
  const { url } = (await answered()) as { url: string };
  return {
    url,
    child,
    seed: async (nodes, pods) => void (await send({ kind: 'seed', nodes, pods })),
    ask: async (count, within) => void (await send({ kind: 'ask', count, within })),
    counts: async (since) => (await send({ kind: 'counts', since })) as Counts,
    cordons: async () => (await send({ kind: 'cordons' })) as readonly Cordon[],
    delay: async (milliseconds) => void (await send({ kind: 'delay', milliseconds })),
    decided: async () => (await send({ kind: 'decided' })) as Decided,
  };
}
