// Runs everything that CI runs, fast steps first, and ends with one line: "N passed, N failed".
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { type Count, countOf, failuresIn, lastLine, none, plus } from './check/count.ts';

interface Step {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  /** When its output is shown: as it comes, when it has ended, or only after a failure. */
  readonly shown?: 'live' | 'afterwards';
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
const clusterBuild = build(['node', 'test/cluster/build.ts']).then((output) =>
  console.log(`\n== the control plane, built beside\n${output.trim()}`),
);

/** Without another build: `npm test` has built the programs, and several steps at once would write them. */
const tests = (suite: string): readonly [string, ...string[]] => [
  'npm',
  'exec',
  '--',
  'vitest',
  'run',
  '--config',
  `test/${suite}/vitest.config.ts`,
];

/**
 * Tests on real clusters mostly wait: those of the README and on real nodes run beside those on a control
 * plane. Their output is printed when they have ended.
 */
const onClusters: readonly Step[] = [
  { name: 'npm run test:cluster', command: tests('cluster'), shown: 'live', after: clusterBuild },
  { name: 'npm run test:readme', command: tests('readme'), shown: 'afterwards', after: clusterBuild },
  { name: 'npm run test:nodes', command: tests('nodes'), shown: 'afterwards', after: clusterBuild },
];

/** What needs the programs and the content of `npm test`, and no cluster: it mostly waits, too. */
const afterTests: readonly Step[] = [
  { name: 'messages and views, judged by Slack’s own models', command: ['node', 'scripts/slack-models.ts'] },
  {
    name: 'the scripted demo',
    command: ['node', 'dist/tugboot.cjs', 'demo', '--script'],
    shown: 'afterwards',
  },
];

/** The content that the tests send to Slack, for validation by other models. */
const slackContent = '.cache/slack-content';
rmSync(slackContent, { recursive: true, force: true });

/** One after the other; those of a row run at once. */
const rows: readonly (readonly Step[])[] = [
  [
    { name: 'types', command: npm('types') },
    { name: 'lint and format', command: npm('lint') },
  ],
  [
    { name: 'layers', command: npm('layers') },
    { name: 'generated files', command: ['node', 'scripts/generate.ts', '--check'] },
    { name: 'chaos', command: ['node', 'test/chaos/main.ts', '--schedules', '138', '--seed', '0'] },
  ],
  [
    {
      name: 'npm test',
      command: ['npm', 'test', '--silent'],
      shown: 'live',
      // More examples of each property than in `npm test`.
      env: { FC_RUNS: '2', SLACK_CONTENT_DIR: slackContent },
    },
  ],
  [...onClusters, ...afterTests],
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

async function run({ name, command, shown, env = {}, after }: Step): Promise<Count> {
  await after;
  const began = Date.now();
  const [program, ...args] = command;
  if (shown === 'live') console.log(`\n== ${name}`);
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text: Buffer) => {
      output += text.toString();
      if (shown === 'live') process.stdout.write(text);
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
  if (shown === 'afterwards' || (!ok && shown !== 'live')) console.log(output);
  if (!ok) failures.push(...failuresIn(output));
  return countOf(output, ok);
}

const failures: string[] = [];
let total: Count = none;
for (const row of rows) for (const count of await Promise.all(row.map(run))) total = plus(total, count);
if (total.skipped > 0) console.log(`\n${total.skipped} skipped: the tests say why, above`);
if (failures.length > 0) console.log(`\n== what failed\n\n${failures.join('\n\n')}`);
console.log(`\n${lastLine(total)}`);
process.exitCode = total.failed === 0 ? 0 : 1;
