/**
 * Every call of a process to a port is held at a gate until a test releases it, so that a test can delay,
 * freeze or kill the process there.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Cluster } from '../../src/reboot/ports/cluster/cluster.ts';

/** The result of a call: executed; refused without being executed; or executed with a lost response. */
export type Fate = 'done' | 'refused' | 'answer-lost';

export interface Gate {
  readonly process: number;
  /** The run of `asJob` that made the call; 0 outside of any. A process runs several jobs at once. */
  readonly job: number;
  readonly call: string;
  readonly open: (fate: Fate) => void;
}

export interface Gates {
  /** Oldest first. */
  readonly held: Gate[];
  /** The same port with the calls of one process held. */
  guard<T extends object>(port: T, process: number, calls: readonly (keyof T & string)[]): T;
  /** Calls that follow from `work` belong to one job. */
  asJob<R>(work: () => R): R;
}

export function createGates(failure: (call: string) => Error): Gates {
  const held: Gate[] = [];
  const jobs = new AsyncLocalStorage<number>();
  let begun = 0;
  const pass = (process: number, call: string): Promise<Fate> => {
    const { promise, resolve } = Promise.withResolvers<Fate>();
    const gate: Gate = {
      process,
      job: jobs.getStore() ?? 0,
      call,
      open: (fate) => {
        held.splice(held.indexOf(gate), 1);
        resolve(fate);
      },
    };
    held.push(gate);
    return promise;
  };
  return {
    held,
    asJob: (work) => {
      begun += 1;
      return jobs.run(begun, work);
    },
    guard: (port, process, calls) => {
      const guarded: Record<string, unknown> = {};
      for (const call of calls) {
        const real = port[call] as (...args: unknown[]) => Promise<unknown>;
        guarded[call] = async (...args: unknown[]) => {
          const fate = await pass(process, call);
          if (fate === 'refused') throw failure(call);
          const answer = await real(...args);
          if (fate === 'answer-lost') throw failure(call);
          return answer;
        };
      }
      return { ...port, ...guarded };
    },
  };
}

export const clusterCalls = [
  'observe',
  'daemonPods',
  'freshNodes',
  'assess',
  'workloadsOn',
  'cordon',
  'uncordon',
  'forgetCordon',
  'label',
  'takeRequest',
  'isRequesterProven',
  'order',
  'withdrawOrder',
  'ensureAgent',
  'setRebootRequired',
  'record',
] as const satisfies readonly (keyof Cluster)[];
