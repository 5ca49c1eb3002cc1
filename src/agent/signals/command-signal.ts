import type { ReportedPackage, SignalReading } from '../../reboot/nodes/node-report.ts';
import { reportLimits } from '../../reboot/nodes/report-limits.ts';
import { cleanText } from '../host/clean-text.ts';
import type { ProgramCommand, RunResult } from '../orders/run-program.ts';

/**
 * A command whose exit code is the signal that a reboot is required. Only the operator's configuration of the
 * agent can name one.
 */
export interface CommandSignal {
  readonly name: string;
  readonly command: ProgramCommand;
  /** Exit codes; every other code means unknown. */
  readonly yes: readonly number[];
  readonly no: readonly number[];
  /** The output of a yes must match it, for programs that exit with the same code when they fail. */
  readonly proof?: RegExp;
  readonly timeout: number;
  /** Milliseconds between two runs if nothing on the host seems to have changed. */
  readonly every: number;
}

/** Exit codes of shells and nsenter for a program that is missing or not executable: never an answer. */
export const execFailureCodes: readonly number[] = [126, 127];

/**
 * A package on a line of its own, after an optional star, as dnf lists them; yum-utils appends ` -> version`.
 */
const listed = /^\s+\*?\s*([A-Za-z0-9][\w.+:-]*)(?: -> \S+)?\s*$/;

export function readingOf(signal: CommandSignal, ran: RunResult): SignalReading {
  const { name } = signal;
  const unknown = (why: string): SignalReading => ({
    name,
    required: 'unknown',
    reason: cleanText(why, reportLimits.reasonLength),
  });
  switch (ran.kind) {
    case 'late':
      return unknown(`${signal.command[0]} took longer than ${signal.timeout / 1000} s`);
    case 'killed':
      return unknown(`${signal.command[0]} was ended by ${ran.signal}`);
    case 'not-run':
      return unknown(`${signal.command[0]} cannot be run: ${ran.why}`);
    case 'ended':
      return ended(signal, ran, unknown);
  }
}

function ended(
  signal: CommandSignal,
  { code, output, errors }: Extract<RunResult, { kind: 'ended' }>,
  unknown: (why: string) => SignalReading,
): SignalReading {
  const { name, yes, no, proof } = signal;
  const said = cleanText(errors.trim() === '' ? output : errors, 200);
  const ending = `${signal.command[0]} ended with exit code ${code}${said === '' ? '' : `: ${said}`}`;
  // nsenter(1) exits with 1 when it cannot enter the namespace, which would count as an answer.
  if (execFailureCodes.includes(code) || errors.startsWith('nsenter: ')) return unknown(ending);
  if (no.includes(code)) return { name, required: 'no' };
  if (!yes.includes(code) || (proof !== undefined && !proof.test(output))) return unknown(ending);
  const packages = proof === undefined ? [] : packagesIn(output);
  const words = cleanText(output, reportLimits.reasonLength);
  return {
    name,
    required: 'yes',
    ...(words === '' || packages.length > 0 ? {} : { reason: words }),
    ...(packages.length === 0 ? {} : { packages }),
  };
}

function packagesIn(output: string): readonly ReportedPackage[] {
  const names = output.split('\n').flatMap((line) => listed.exec(line)?.[1] ?? []);
  const clean = names.map((name) => cleanText(name, reportLimits.nameLength));
  return [...new Set(clean)].slice(0, reportLimits.signalPackages).map((name) => ({ name }));
}
