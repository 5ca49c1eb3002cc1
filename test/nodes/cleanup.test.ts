/** What machines leave behind: nothing, however their tests end. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { expect, inject, it } from 'vitest';
import { describeWith } from '../needs/describe-with.ts';
import { eventually } from './harness/eventually.ts';

const run = promisify(execFile);
const program = fileURLToPath(new URL('harness/doomed.ts', import.meta.url));

interface Traces {
  readonly bridge: string;
  readonly directory: string;
}

const ground = inject('nodeGround');
const lack = ground.kind === 'none' ? ground.why : undefined;

describeWith('a machine', { lack, isTold: true }, () => {
  it.each<[how: string, end: (harness: ChildProcess) => unknown]>([
    ['its tests are over', (harness) => harness.stdin?.end()],
    ['its harness is killed', (harness) => harness.kill('SIGKILL')],
  ])('leaves nothing when %s', async (_how, end) => {
    const before = await settings();
    const harness = spawn(process.execPath, [program, JSON.stringify(ground)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const traces = await said(harness);
    expect(left(traces)).toEqual(expect.arrayContaining([traces.bridge, traces.directory]));
    expect(left(traces).filter((what) => what.startsWith('process'))).not.toEqual([]);
    end(harness);
    await eventually(
      `nothing is left of ${left(traces).join(', ')}`,
      () => left(traces).length === 0,
      30_000,
    );
    expect(await settings()).toEqual(before);
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(traces.directory);
  });
});

async function said(harness: ChildProcess): Promise<Traces> {
  if (harness.stdout === null) throw new Error('a harness says where it is');
  for await (const line of createInterface({ input: harness.stdout })) return JSON.parse(line) as Traces;
  throw new Error('the harness ended before its machine was there');
}

/** By the names that nothing else bears. */
function left({ bridge, directory }: Traces): readonly string[] {
  const wires = `tug${bridge.replace('tugboot-', '')}-`;
  const links = readdirSync('/sys/class/net').filter((name) => name === bridge || name.startsWith(wires));
  const groups = readdirSync('/sys/fs/cgroup', { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => [name, join(name, bridge)])
    .filter((name) => name.endsWith(bridge) && existsSync(join('/sys/fs/cgroup', name)))
    .map((name) => `control group ${name}`);
  return [...links, ...(existsSync(directory) ? [directory] : []), ...groups, ...processesOf(directory)];
}

/** By what their command line, their root or their working directory names. */
function processesOf(directory: string): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
        return [environment, readFileSync(`/proc/${pid}/cmdline`, 'utf8')].some((text) =>
          text.includes(directory),
        );
      } catch {
        // It has ended meanwhile.
        return false;
      }
    })
    .map((pid) => `process ${pid}`);
}

/** What a kubelet and a kube-proxy change where they run, and a machine may not change around itself. */
const tunables = ['vm/overcommit_memory', 'kernel/panic', 'kernel/panic_on_oops', 'net/ipv4/ip_forward'];

async function settings(): Promise<readonly string[]> {
  const { stdout } = await run('iptables-save', []);
  const rules = stdout.replace(/^#.*$|\[\d+:\d+\]/gm, '');
  return [rules, ...tunables.map((name) => readFileSync(join('/proc/sys', name), 'utf8'))];
}
