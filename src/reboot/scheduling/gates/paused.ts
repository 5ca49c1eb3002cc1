import type { Blocker } from '../blockers/blockers.ts';
import { annotatedPause, type Pause, pauseSentence, pausesOn } from '../snapshot/pauses.ts';
import type { Reboot } from '../../state/reboot.ts';
import { toInstant } from '../../time/time.ts';
import type { Situation } from '../snapshot/snapshot.ts';

/** One blocker for each pause that applies, so that a person who lifts one also sees the others. */
export function paused(
  reboot: Reboot,
  { snapshot, known, pool, now }: Situation,
): readonly Blocker<'paused'>[] {
  const node = known.nodes.get(reboot.node.name);
  const annotated = node ? annotatedPause(node) : [];
  const stored = pausesOn(snapshot.pauses, { pool: pool.name, node: reboot.node.name }, now);
  return [
    ...stored.map((pause) => blockerOf(pause, resumeCommand(pause))),
    ...annotated.map((pause) =>
      blockerOf(pause, 'Remove the annotation tugboot.dev/paused of the node, and it starts.'),
    ),
  ];
}

const blockerOf = (pause: Pause, clears: string): Blocker<'paused'> => ({
  code: 'paused',
  sentence: pauseSentence(pause),
  clears,
  ...(pause.until === undefined ? {} : { until: toInstant(pause.until) }),
});

function resumeCommand({ scope, until }: Pause): string {
  const what = {
    cluster: 'cluster',
    pool: 'pool' in scope ? scope.pool : '',
    node: 'node' in scope ? scope.node : '',
  };
  const ends = until === undefined ? '' : ', or when the pause is over';
  return `It starts after /reboot resume ${what[scope.kind]}${ends}.`;
}
