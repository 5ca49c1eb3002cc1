/** The conditions that a node must meet after its boot. */
import { matchesAny } from '../policy/glob.ts';
import type { PoolPolicy } from '../policy/policy.ts';
import type { DaemonPod, Observation } from '../nodes/observation.ts';
import type { FailureCode, In, Reboot } from '../state/reboot.ts';
import type { Missing, MissingCode } from '../state/missing.ts';
import { type PoolReading, readSignals, reportOf, saying } from '../signals/signals.ts';
import type { Context } from '../machine/events/events.ts';
import { wrongKernel } from './expected-kernel.ts';

const sentence = (code: MissingCode, text: string): Missing => ({ code, sentence: text });

/**
 * Every condition that is not met. An empty list is the proof, once it has stayed empty for the settle time.
 */
export function missingProof(
  reboot: In<'Settling'>,
  observation: Observation,
  context: Context,
): readonly Missing[] {
  const { node } = observation;
  const missing: Missing[] = [];
  if (!node?.ready) missing.push(sentence('not-ready', 'The node is not Ready.'));
  missing.push(...missingFromReport(reboot, observation, context));
  const daemons = daemonsMissing(reboot, observation, context.pool).map(({ pod }) => pod);
  if (daemons.length > 0) {
    const named = daemons.slice(0, 3).join(', ');
    const more = daemons.length > 3 ? ` and ${daemons.length - 3} more` : '';
    missing.push(sentence('daemon-pods', `DaemonSet pods are not ready: ${named}${more}.`));
  }
  return missing;
}

/** The proof does not require a DaemonSet that was not ready on the node before the cordon. */
const daemonsMissing = (
  { daemonsBefore = [] }: Reboot,
  { daemonPodsNotReady }: Observation,
  { ignoreDaemonSets }: PoolPolicy,
): readonly DaemonPod[] =>
  daemonPodsNotReady.filter(
    ({ daemonSet }) => !daemonsBefore.includes(daemonSet) && !matchesAny(ignoreDaemonSets, daemonSet),
  );

function missingFromReport(
  reboot: In<'Settling'>,
  { node, agent }: Observation,
  { pool, now }: Context,
): readonly Missing[] {
  const { newBootId } = reboot.state;
  const report = reportOf({ bootId: newBootId }, agent);
  const missing: Missing[] = [];
  if (report === undefined) missing.push(sentence('no-report', 'The agent has not reported since the boot.'));
  else if (node) missing.push(...missingFromSignals(readSignals(pool.signals, { node, report, now })));
  const wrong =
    node && wrongKernel({ need: reboot.need, runs: node.kernel, newest: report?.kernel.newest }, pool);
  return wrong === undefined ? missing : [...missing, sentence('wrong-kernel', wrong)];
}

/** No signal of the pool may say yes, and each must be readable. */
function missingFromSignals(readings: readonly PoolReading[]): readonly Missing[] {
  const asking = (from: PoolReading['from']): string =>
    saying('yes', readings)
      .filter((reading) => reading.from === from)
      .map(({ name }) => name)
      .join(', ');
  const [host, cluster] = [asking('host'), asking('cluster')];
  return [
    ...(host === '' ? [] : [sentence('still-required', `The node still asks for a reboot (${host}).`)]),
    ...(cluster === ''
      ? []
      : [sentence('still-asked', `The cluster still asks for a reboot of it (${cluster}).`)]),
    ...saying('unknown', readings).map(({ name, reason }) =>
      sentence('no-report', `Signal ${name} cannot be read: ${reason ?? 'no reason given'}.`),
    ),
  ];
}

/**
 * Conditions that waiting does not change. Once they have lasted for the settle time, the reboot has failed.
 */
export function cannotRecover(missing: readonly Missing[]): boolean {
  return (
    missing.length > 0 && missing.every(({ code }) => code === 'still-required' || code === 'wrong-kernel')
  );
}

export function failureOf(missing: readonly Missing[]): FailureCode {
  const codes = new Set(missing.map(({ code }) => code));
  if (codes.has('not-ready') || codes.has('no-report') || codes.has('daemon-pods')) return 'not-healthy';
  if (codes.has('wrong-kernel')) return 'wrong-kernel';
  return codes.has('still-required') || codes.has('still-asked') ? 'still-required' : 'not-healthy';
}
