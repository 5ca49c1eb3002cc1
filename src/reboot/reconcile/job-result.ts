/** The result of a reconcile in one line, for people who look at the queue. */
import { type JobResult, nothingDone } from '../ports/job-report.ts';
import { type Reboot, isIn } from '../state/reboot.ts';

/** Messages of the phase, which the result shows anyway. They are not what the job has done. */
const phaseMessages: ReadonlySet<string> = new Set([
  'reboot changed phase',
  'reboot failed',
  'reboot ended',
  'approved reboot waits',
]);

export function resultOf(
  before: Reboot | undefined,
  after: Reboot | undefined,
  messages: readonly string[],
): JobResult {
  const changed = before !== undefined && after !== undefined && after.state.phase !== before.state.phase;
  if (changed && isIn(after, 'Failed'))
    return { kind: 'failed', why: `${after.state.code}: ${after.state.sentence}` };
  const last = messages.findLast((message) => !phaseMessages.has(message));
  const phase = after?.state.phase ?? 'gone';
  if (changed) return done(`${before.state.phase} → ${phase}${last === undefined ? '' : `: ${last}`}`);
  if (last !== undefined) return done(`${phase}: ${last}`);
  return after === undefined || after.version === before?.version
    ? nothingDone
    : done(`${phase}: ${noteOf(after)}`);
}

const done = (did: string): JobResult => ({ kind: 'done', did });

function noteOf(reboot: Reboot): string {
  if (isIn(reboot, 'Approved') && reboot.state.blockers !== undefined)
    return `waits: ${reboot.state.blockers.map(({ sentence }) => sentence).join(' ')}`;
  if (isIn(reboot, 'Settling'))
    return reboot.state.healthySince === undefined ? 'not healthy yet' : 'healthy so far';
  return 'its record was updated';
}
