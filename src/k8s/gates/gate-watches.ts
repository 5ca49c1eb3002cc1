import { createReflector, type Reflector, type ReflectorDeps } from '../api/reflector.ts';
import { textAt } from '../api/json-value.ts';
import type { WatchedGate } from './watched-gate.ts';

/** What is asked, whoever asks it: Reboots that ask the same share one watch. */
export const keyOf = ({ code, path, query, by }: WatchedGate): string =>
  JSON.stringify([code, path, query, by]);

export interface GateWatches {
  /** Watches the answers to these from now on, and to no others. */
  keep(gates: Iterable<WatchedGate>): void;
  /** The objects that count, by title; undefined while that is not known. */
  counted(gate: WatchedGate): readonly string[] | undefined;
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

/**
 * More than a handful of Reboots are held by what is watched at once only where something is badly wrong; the
 * others are asked about every few seconds.
 */
export const mostWatches = 50;

export function gateWatches(deps: ReflectorDeps, onChange: () => void): GateWatches {
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
    counted(gate) {
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

function watch(deps: ReflectorDeps, gate: WatchedGate, onChange: () => void): Open {
  const over = new AbortController();
  const reflector = createReflector<string>(
    {
      what: `objects of a gate (${gate.code})`,
      path: gate.path,
      query: gate.query,
      keyOf: (object) => textAt(object, 'metadata', 'uid') ?? '',
      // Of all objects of a cluster, the few that are in the way are kept.
      reduce: gate.counted,
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
