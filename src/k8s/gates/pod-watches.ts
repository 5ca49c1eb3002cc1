import { paths } from '../api/paths.ts';
import { createReflector, type Reflector, type ReflectorDeps } from '../api/reflector.ts';
import { textAt } from '../api/json-value.ts';
import { countedPod, type PodGate } from './pod-gates.ts';

/** What is asked, whoever asks it: Reboots that ask the same share one watch. */
export const keyOf = ({ code, query, by }: PodGate): string => JSON.stringify([code, query, by]);

export interface PodWatches {
  /** Watches the answers to these from now on, and to no others. */
  keep(gates: Iterable<PodGate>): void;
  /** The pods that count, by title; undefined while that is not known. */
  pods(gate: PodGate): readonly string[] | undefined;
  stop(): Promise<void>;
}

interface Open {
  readonly reflector: Reflector<string>;
  readonly over: AbortController;
  running: Promise<void>;
  listed: boolean;
  /** Made once for all who ask between two changes: thousands may wait for thousands. */
  titles: readonly string[] | undefined;
}

/** More than a handful of Reboots are held by pods at once only where something is badly wrong; the others are asked about every few seconds. */
export const mostWatches = 50;

export function podWatches(deps: ReflectorDeps, onChange: () => void): PodWatches {
  const open = new Map<string, Open>();
  const close = (key: string): void => {
    open.get(key)?.over.abort();
    open.delete(key);
  };
  return {
    keep(gates) {
      const wanted = new Map([...gates].map((gate) => [keyOf(gate), gate]));
      for (const key of open.keys()) if (!wanted.has(key)) close(key);
      for (const [key, gate] of wanted) {
        if (open.size >= mostWatches) return;
        if (!open.has(key)) open.set(key, watch(deps, gate, onChange));
      }
    },
    pods(gate) {
      const watched = open.get(keyOf(gate));
      if (!watched?.listed) return undefined;
      return (watched.titles ??= [...watched.reflector.values()]);
    },
    async stop() {
      const running = [...open.values()].map((each) => each.running);
      for (const key of open.keys()) close(key);
      await Promise.all(running);
    },
  };
}

function watch(deps: ReflectorDeps, gate: PodGate, onChange: () => void): Open {
  const over = new AbortController();
  const reflector = createReflector<string>(
    {
      what: `pods of a gate (${gate.code})`,
      path: paths.pods,
      query: gate.query,
      keyOf: (pod) => textAt(pod, 'metadata', 'uid') ?? '',
      // Of all pods of a cluster, the few that are in the way are kept.
      reduce: (pod) => countedPod(gate, pod),
      onChange: () => changed(),
    },
    deps,
  );
  const opened: Open = {
    reflector,
    over,
    running: Promise.resolve(),
    listed: false,
    titles: undefined,
  };
  const changed = (): void => {
    opened.titles = undefined;
    onChange();
  };
  // What was in the way may have gone between the asking and this list, and then nothing changes any more.
  void reflector.listed.then(() => {
    opened.listed = true;
    changed();
  });
  opened.running = reflector.run(over.signal);
  return opened;
}
