import { type Check, error, type Examined, type Finding } from './finding.ts';

/** Runs the checks one after another: their output is in order, and no rate limit is reached. */
export async function examine(checks: readonly Check[], done: (examined: Examined) => void): Promise<void> {
  for (const check of checks) done({ check: check.name, findings: await findingsOf(check) });
}

async function findingsOf(check: Check): Promise<readonly Finding[]> {
  try {
    return await check.run();
  } catch (failure) {
    const why = failure instanceof Error ? failure.message : String(failure);
    return [error(`It could not be checked: ${why}`, 'Mend that first, and run tugboot doctor again.')];
  }
}

const levels = ['ok', 'warning', 'error'] as const;

/** The worst level of all findings. */
export const worstOf = (all: readonly Examined[]): Finding['level'] =>
  levels[Math.max(0, ...all.flatMap(({ findings }) => findings.map(({ level }) => levels.indexOf(level))))] ??
  'ok';

const marks: Readonly<Record<Finding['level'], string>> = {
  ok: 'OK     ',
  warning: 'WARNING',
  error: 'ERROR  ',
};

/** Hosts and clusters write what they like: nothing of it may steer a terminal. */
const plain = (text: string): string => text.replaceAll(/\p{C}/gu, '�');

/** The lines of one check, for people. */
export const linesOf = ({ check, findings }: Examined): readonly string[] =>
  findings.flatMap(({ level, says, fix }) => [
    `${marks[level]} ${check}: ${plain(says)}`,
    ...(fix === undefined ? [] : [`        → ${fix}`]),
  ]);
