import type { BlockerCode } from '../../reboot/scheduling/blockers.ts';
import type { Query } from '../api/client.ts';
import { paths } from '../api/paths.ts';
import { countedPod, type PodGate } from './pod-gates.ts';

/** What holds a Reboot back, as far as a watch can tell: the objects of one query that stand in its way. */
export interface WatchedGate {
  readonly code: BlockerCode;
  readonly path: string;
  readonly query: Query;
  /** What the answer depends on beside the query. */
  readonly by?: readonly string[];
  /** What people call an object that counts. */
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
