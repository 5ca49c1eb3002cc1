/**
 * A fresh copy of the project, and the environment of a machine that has none of the programs that some tests
 * need.
 */
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { basename, delimiter, join, relative } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { neededNames } from '../needs/programs.ts';

const project = fileURLToPath(new URL('../..', import.meta.url));

/** Made by commands, and in no clone. */
const made = new Set(['node_modules', 'dist', '.cache', '.git', 'test/tools/node_modules', 'test/tools/bin']);

/**
 * What npm needs to reach its registry, and a shell its user. Nothing of this test run, nor of CI, gets
 * through.
 */
const passed =
  /^(?:HOME|USER|LANG|TMPDIR|SSL_CERT_FILE|NODE_EXTRA_CA_CERTS|(?:https?|no)_proxy|npm_config_(?:registry|cache|cafile))$/iu;

export interface Outcome {
  readonly code: number | null;
  readonly said: string;
}

export interface BareMachine {
  /** As a shell does it, in the copy. */
  run(command: string): Promise<Outcome>;
  close(): void;
}

export function openBareMachine(): BareMachine {
  const folder = mkdtempSync(join(tmpdir(), 'tugboot-bare-'));
  // The embedded PostgreSQL does not run as root: its own user has to get here.
  chmodSync(folder, 0o755);
  const copy = join(folder, 'tugboot');
  cpSync(project, copy, {
    recursive: true,
    filter: (source) => !made.has(relative(project, source)),
  });
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  linkPrograms(bin);
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => passed.test(name)));
  return {
    run: (command) => runIn(copy, command, { ...env, PATH: bin }),
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Every program of PATH but those; of what npm has brought nothing. The first folder wins, as on PATH. */
function linkPrograms(bin: string): void {
  const folders = (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((path) => !/node_modules|node-gyp-bin/u.test(path));
  const linked = new Set(neededNames);
  for (const file of folders.flatMap(filesIn)) {
    const name = basename(file);
    if (linked.has(name)) continue;
    linked.add(name);
    symlinkSync(file, join(bin, name));
  }
}

function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).map((name) => join(folder, name));
  } catch {
    // PATH may name folders that are not there.
    return [];
  }
}

function runIn(cwd: string, command: string, env: NodeJS.ProcessEnv): Promise<Outcome> {
  const child = spawn('/bin/sh', ['-c', command], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text: Buffer) => {
      said += text.toString();
      process.stdout.write(text);
    });
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, said }));
  });
}
