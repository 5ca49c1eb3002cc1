// Runs everything that CI runs, fast steps first, and ends with one line: "N passed, N failed".
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { type Count, countOf, failuresIn, lastLine, none, plus } from './check/count.ts';

interface Step {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  /** True if its output is shown; otherwise only after a failure. */
  readonly loud?: boolean;
  /** Added to the environment of `npm run check`. */
  readonly env?: Readonly<Record<string, string>>;
  /** Waits for this first. */
  readonly after?: Promise<void>;
}

const npm = (script: string): readonly [string, ...string[]] => ['npm', 'run', '--silent', script];

/**
 * The first build of a control plane compiles for minutes: it starts at once, and only the steps that need it
 * wait.
 */
const clusterBuild = build(['node', 'test/cluster/build.ts']).then((output) => {
  if (output !== '') console.log(`\n== built beside\n${output.trim()}`);
});

/** The content that the tests send to Slack, for validation by other models. */
const slackContent = '.cache/slack-content';
rmSync(slackContent, { recursive: true, force: true });

/** Steps of one list run side by side: those on real nodes mostly wait. */
const steps: readonly (readonly Step[])[] = [
  [{ name: 'types', command: npm('types') }],
  [{ name: 'lint and format', command: npm('lint') }],
  [{ name: 'layers', command: npm('layers') }],
  [{ name: 'generated files', command: ['node', 'scripts/generate.ts', '--check'] }],
  [
    {
      name: 'npm test',
      command: ['npm', 'test', '--silent'],
      loud: true,
      // More examples of each property than in `npm test`.
      env: { FC_RUNS: '4', SLACK_CONTENT_DIR: slackContent },
    },
  ],
  [
    {
      name: 'messages and views, judged by Slack’s own models',
      command: ['node', 'scripts/slack-models.ts'],
    },
  ],
  [{ name: 'npm run demo -- --script', command: [...npm('demo'), '--', '--script'], loud: true }],
  [
    { name: 'npm run test:readme', command: npm('test:readme'), loud: true },
    { name: 'npm run test:nodes', command: npm('test:nodes'), loud: true, after: clusterBuild },
  ],
  [{ name: 'npm run test:cluster', command: npm('test:cluster'), loud: true, after: clusterBuild }],
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

/** `streamed`: the output of a loud step is shown as it comes, otherwise when the step has ended. */
async function run(
  { name, command, loud = false, env = {}, after }: Step,
  streamed: boolean,
): Promise<Count> {
  await after;
  const began = Date.now();
  const [program, ...args] = command;
  if (loud && streamed) console.log(`\n== ${name}`);
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text: Buffer) => {
      output += text.toString();
      if (loud && streamed) process.stdout.write(text);
    });
  }
  const ok = await new Promise<boolean>((resolve) => {
    child.once('error', (error) => {
      output += error.message;
      resolve(false);
    });
    child.once('close', (code) => resolve(code === 0));
  });
  if (loud && !streamed) console.log(`\n== ${name}\n${output}`);
  console.log(`${ok ? 'ok    ' : 'FAILED'}  ${name} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
  if (!ok && !loud) console.log(output);
  if (!ok) failures.push(...failuresIn(output));
  return countOf(output, ok);
}

const failures: string[] = [];
let total: Count = none;
for (const sideBySide of steps) {
  const counts = await Promise.all(sideBySide.map((step) => run(step, sideBySide.length === 1)));
  total = counts.reduce(plus, total);
}
if (total.skipped > 0) console.log(`\n${total.skipped} skipped: the tests say why, above`);
if (failures.length > 0) console.log(`\n== what failed\n\n${failures.join('\n\n')}`);
console.log(`\n${lastLine(total)}`);
process.exitCode = total.failed === 0 ? 0 : 1;
