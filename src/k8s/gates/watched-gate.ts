import type { BlockerCode } from '../../reboot/scheduling/blockers.ts';
import type { Query } from '../api/client.ts';
import { paths } from '../api/paths.ts';
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

export const watchedPods = (gate: PodGate): WatchedGate => ({
  code: gate.code,
  path: paths.pods,
  query: gate.query,
  ...(gate.by === undefined ? {} : { by: gate.by }),
  counted: (pod) => countedPod(gate, pod),
  isClear: (pods) => gate.blocker(pods) === undefined,
});
