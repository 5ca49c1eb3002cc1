// Runs everything that CI runs, fast steps first, and ends with one line: "N passed, N failed".
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { type Count, countOf, failuresIn, lastLine, none, plus } from './check/count.ts';

interface Step {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  /** True if its output is streamed; otherwise it is shown only after a failure. */
  readonly loud?: boolean;
  /** Added to the environment of `npm run check`. */
  readonly env?: Readonly<Record<string, string>>;
  /** Waits for this first. */
  readonly after?: Promise<string>;
}

const npm = (script: string): readonly [string, ...string[]] => ['npm', 'run', '--silent', script];

/**
 * The first build of a control plane compiles for minutes: it starts at once, and only the steps that need it
 * wait.
 */
const clusterBuild = build(['node', 'test/cluster/build.ts']);

/** The content that the tests send to Slack, for validation by other models. */
const slackContent = '.cache/slack-content';
rmSync(slackContent, { recursive: true, force: true });

const steps: readonly Step[] = [
  { name: 'types', command: npm('types') },
  { name: 'lint and format', command: npm('lint') },
  { name: 'layers', command: npm('layers') },
  { name: 'generated files', command: ['node', 'scripts/generate.ts', '--check'] },
  // More examples of each property than in `npm test`.
  {
    name: 'npm test',
    command: ['npm', 'test', '--silent'],
    loud: true,
    env: { FC_RUNS: '2', SLACK_CONTENT_DIR: slackContent },
  },
  { name: 'messages and views, judged by Slack’s own models', command: ['node', 'scripts/slack-models.ts'] },
  { name: 'npm run demo -- --script', command: [...npm('demo'), '--', '--script'], loud: true },
  { name: 'npm run test:readme', command: npm('test:readme'), loud: true },
  { name: 'npm run test:cluster', command: npm('test:cluster'), loud: true, after: clusterBuild },
  { name: 'npm run test:nodes', command: npm('test:nodes'), loud: true },
];

function build([program, ...args]: readonly [string, ...string[]]): Promise<string> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text: Buffer) => (output += text.toString()));
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', () => resolve(output));
  });
}

async function run({ name, command, loud = false, env = {}, after }: Step): Promise<Count> {
  const built = await after;
  if (built !== undefined && built !== '') console.log(`\n== built beside\n${built.trim()}`);
  const began = Date.now();
  const [program, ...args] = command;
  if (loud) console.log(`\n== ${name}`);
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text: Buffer) => {
      output += text.toString();
      if (loud) process.stdout.write(text);
    });
  }
  const ok = await new Promise<boolean>((resolve) => {
    child.once('error', (error) => {
      output += error.message;
      resolve(false);
    });
    child.once('close', (code) => resolve(code === 0));
  });
  console.log(`${ok ? 'ok    ' : 'FAILED'}  ${name} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
  if (!ok && !loud) console.log(output);
  if (!ok) failures.push(...failuresIn(output));
  return countOf(output, ok);
}

const failures: string[] = [];
let total: Count = none;
for (const step of steps) total = plus(total, await run(step));
if (total.skipped > 0) console.log(`\n${total.skipped} skipped: the tests say why, above`);
if (failures.length > 0) console.log(`\n== what failed\n\n${failures.join('\n\n')}`);
console.log(`\n${lastLine(total)}`);
process.exitCode = total.failed === 0 ? 0 : 1;
