import { createReflector, type Reflector, type ReflectorDeps } from '../watch/reflector.ts';
import { textAt } from '../api/json-value.ts';
import type { WatchedGate } from './watched-gate.ts';

/** The key of a gate's query: Reboots with the same query share one watch. */
export const gateKeyOf = ({ code, path, query, by }: WatchedGate): string =>
  JSON.stringify([code, path, query, by]);

export interface GateWatches {
  /** Replaces the set of watched gates. */
  keep(gates: Iterable<WatchedGate>): void;
  /** The titles of the objects that close the gate; undefined before the first list. */
  counted(gate: WatchedGate): readonly string[] | undefined;
  stop(): Promise<void>;
}

interface OpenWatch {
  readonly reflector: Reflector<string>;
  readonly over: AbortController;
  running: Promise<void>;
  listed: boolean;
  /** Cached until the next change: thousands of Reboots may wait for thousands of objects. */
  titles: readonly string[] | undefined;
}

/**
 * Limit of concurrent watches. More blocked Reboots at once mean a larger problem; the rest is only polled
 * every few seconds.
 */
export const mostWatches = 50;

export function gateWatches(deps: ReflectorDeps, onChange: () => void): GateWatches {
  const open = new Map<string, OpenWatch>();
  const close = (key: string): void => {
    open.get(key)?.over.abort();
    open.delete(key);
  };
  return {
    keep(gates) {
      const wanted = new Map([...gates].map((gate) => [gateKeyOf(gate), gate]));
      for (const key of open.keys()) if (!wanted.has(key)) close(key);
      for (const [key, gate] of wanted) {
        if (open.size >= mostWatches) return;
        if (!open.has(key)) open.set(key, watch(deps, gate, onChange));
      }
    },
    counted(gate) {
      const watched = open.get(gateKeyOf(gate));
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

function watch(deps: ReflectorDeps, gate: WatchedGate, onChange: () => void): OpenWatch {
  const over = new AbortController();
  const reflector = createReflector<string>(
    {
      what: `objects of a gate (${gate.code})`,
      path: gate.path,
      query: gate.query,
      keyOf: (object) => textAt(object, 'metadata', 'uid') ?? '',
      // Caches only the few objects that close the gate.
      reduce: gate.counted,
      onChange: () => changed(),
    },
    deps,
  );
  const opened: OpenWatch = {
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
  // The object may have gone between the query and this list, and then no further event comes.
  void reflector.listed.then(() => {
    opened.listed = true;
    changed();
  });
  opened.running = reflector.run(over.signal);
  return opened;
}
