import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The commit of release 0.1.0. */
export const release = 'f8c0876';

export const root = fileURLToPath(new URL('../../..', import.meta.url));

export interface EarlierChart {
  /** Its folder. */
  readonly chart: string;
  remove(): void;
}

export const git = (...args: readonly string[]): Buffer =>
  execFileSync('git', args, { cwd: root, maxBuffer: 64 * 1024 * 1024, stdio: ['ignore', 'pipe', 'pipe'] });

/** Why the chart of 0.1.0 cannot be unpacked: a shallow clone, or no clone. */
export function lackOfEarlierChart(): string | undefined {
  try {
    git('cat-file', '-e', `${release}^{commit}`);
    return undefined;
  } catch {
    return `the history of the project with release 0.1.0 (${release}) is not there`;
  }
}

/** The chart of release 0.1.0, out of the history of the project. */
export function earlierChart(): EarlierChart {
  const folder = mkdtempSync(join(tmpdir(), 'tugboot-earlier-'));
  const archive = git('archive', release, 'charts/tugboot');
  execFileSync('tar', ['--extract', '--directory', folder], { input: archive });
  return {
    chart: join(folder, 'charts/tugboot'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
