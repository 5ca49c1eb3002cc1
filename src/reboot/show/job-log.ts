/** The log of a job: the lines that the service logs while the job runs. */
import { type JobReport, type JobResult, nothingDone } from '../ports/job-report.ts';
import type { LogFields, Logger } from '../ports/logger.ts';
import type { ServiceDeps } from '../loop/deps.ts';

export interface JobLog {
  /** Logs to the job as well. */
  readonly deps: ServiceDeps;
  /** The messages so far, without their fields. */
  readonly messages: readonly string[];
}

/** The most that a line of a job's log holds. */
const longest = 500;

/** Debug lines are not part of the log. */
export function jobLog(deps: ServiceDeps, report: JobReport): JobLog {
  const messages: string[] = [];
  const write = (message: string, fields: LogFields | undefined): void => {
    messages.push(message);
    report.log(`${message}${textOf(fields)}`.slice(0, longest));
  };
  const logInto = (logger: Logger): Logger => ({
    debug: (message, fields) => logger.debug(message, fields),
    info: (message, fields) => {
      logger.info(message, fields);
      write(message, fields);
    },
    warn: (message, fields) => {
      logger.warn(message, fields);
      write(message, fields);
    },
    error: (message, fields) => {
      logger.error(message, fields);
      write(message, fields);
    },
    child: (fields) => logInto(logger.child(fields)),
  });
  return { deps: { ...deps, logger: logInto(deps.logger) }, messages };
}

/** The job carries the Reboot's name already. */
const known: ReadonlySet<string> = new Set(['reboot', 'node', 'pool']);

function textOf(fields: LogFields = {}): string {
  const shown = Object.entries(fields).filter(([field, value]) => !known.has(field) && value !== undefined);
  return shown.map(([field, value]) => ` ${field}=${valueText(value)}`).join('');
}

function valueText(value: unknown): string {
  if (value instanceof Error) return JSON.stringify(value.message);
  return typeof value === 'string' && /^[\w.:/-]+$/.test(value) ? value : JSON.stringify(value);
}

/** Runs work that says by its log whether it has done anything. */
export async function resultByLog(
  deps: ServiceDeps,
  report: JobReport,
  work: (deps: ServiceDeps) => Promise<void>,
): Promise<JobResult> {
  const log = jobLog(deps, report);
  await work(log.deps);
  const last = log.messages.at(-1);
  return last === undefined ? nothingDone : { kind: 'done', did: last };
}
