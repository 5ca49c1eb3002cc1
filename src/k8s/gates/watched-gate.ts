import type { BlockerCode } from '../../reboot/scheduling/blockers/blockers.ts';
import type { Query } from '../api/client.ts';
import { paths } from '../api/paths.ts';
import type { Path, Received } from '../api/received.ts';
import { countedPod, type PodGate } from './pod-gates.ts';

/** A blocker that a watch can observe: the objects of one query that close the gate. */
export interface WatchedGate {
  readonly code: BlockerCode;
  readonly path: string;
  readonly query: Query;
  /** Inputs of the filter besides the query: part of the watch's key. */
  readonly by?: readonly string[];
  /** The title of an object that closes the gate; undefined for others. */
  readonly counted: (object: unknown) => string | undefined;
  readonly isClear: (counted: readonly string[]) => boolean;
}

/** A gate on objects of the type that its path has. */
export interface GateOn<O> extends Omit<WatchedGate, 'path' | 'counted'> {
  readonly path: Path<O>;
  readonly counted: (object: Received<O>) => string | undefined;
}

/** Gates on different types in one list: each is called only with objects from its own path. */
export const watchedGate = <O>(gate: GateOn<O>): WatchedGate => gate as WatchedGate;

export const watchedPods = (gate: PodGate): WatchedGate =>
  watchedGate({
    code: gate.code,
    path: paths.pods,
    query: gate.query,
    ...(gate.by === undefined ? {} : { by: gate.by }),
    counted: (pod) => countedPod(gate, pod),
    isClear: (pods) => gate.blocker(pods) === undefined,
  });
