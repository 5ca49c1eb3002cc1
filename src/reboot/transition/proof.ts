/** What a node must show after its boot before it is believed. */
import type { Observation } from '../ports.ts';
import type { FailureCode, In, Missing, MissingCode } from '../reboot.ts';

const sentence = (code: MissingCode, text: string): Missing => ({ code, sentence: text });

/** Everything that is not yet as it should be; empty is proof, once it has lasted for the settle time. */
export function missingProof(reboot: In<'Settling'>, observation: Observation): readonly Missing[] {
  const { node } = observation;
  const missing: Missing[] = [];
  if (!node?.ready) missing.push(sentence('not-ready', 'The node is not Ready.'));
  missing.push(...missingFromReport(reboot, observation));
  const daemons = observation.daemonPodsNotReady;
  if (daemons.length > 0) {
    const named = daemons.slice(0, 3).join(', ');
    const more = daemons.length > 3 ? ` and ${daemons.length - 3} more` : '';
    missing.push(sentence('daemon-pods', `DaemonSet pods are not ready: ${named}${more}.`));
  }
  return missing;
}

function missingFromReport(reboot: In<'Settling'>, { node, agent }: Observation): readonly Missing[] {
  const report = agent?.report;
  const missing: Missing[] = [];
  if (report === undefined || report.bootId !== reboot.state.newBootId) {
    missing.push(sentence('no-report', 'The agent has not reported since the boot.'));
  } else if (report.required === 'yes') {
    missing.push(sentence('still-required', 'The node still asks for a reboot.'));
  } else if (report.required === 'unknown') {
    missing.push(
      sentence(
        'no-report',
        `The agent cannot tell whether a reboot is required: ${report.reason ?? 'no reason given'}.`,
      ),
    );
  }
  const expected = reboot.need.kernel.next;
  // A kernel that came during the drain may have been booted instead of the one on the card; the newest is right too.
  const newest = report?.bootId === reboot.state.newBootId ? report.kernel.newest : undefined;
  if (node && expected !== undefined && node.kernel !== expected && node.kernel !== newest) {
    missing.push(sentence('wrong-kernel', `Kernel ${node.kernel} runs, and ${expected} was expected.`));
  }
  return missing;
}

/** Things that waiting does not mend: once they have lasted for the settle time, the reboot has not worked. */
export function hopeless(missing: readonly Missing[]): boolean {
  return (
    missing.length > 0 && missing.every(({ code }) => code === 'still-required' || code === 'wrong-kernel')
  );
}

export function failureOf(missing: readonly Missing[]): FailureCode {
  const codes = new Set(missing.map(({ code }) => code));
  if (codes.has('not-ready') || codes.has('no-report') || codes.has('daemon-pods')) return 'not-healthy';
  if (codes.has('wrong-kernel')) return 'wrong-kernel';
  return codes.has('still-required') ? 'still-required' : 'not-healthy';
}
