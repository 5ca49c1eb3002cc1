// Validates what `npm test` collected under .cache/slack-content with the models of Slack's SDK for Python,
// in a virtual environment of its own.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const sdk = 'slack_sdk==3.48.0';
const content = '.cache/slack-content';
const environment = '.cache/slack-sdk';
const python = join(environment, 'bin/python');

function run(program: string, args: readonly string[]): boolean {
  const { status, error } = spawnSync(program, args, { stdio: 'inherit' });
  if (error) console.error(`${program}: ${error.message}`);
  return status === 0;
}

const files = existsSync(content) ? readdirSync(content).map((name) => join(content, name)) : [];
const ready =
  run(existsSync(python) ? python : 'false', [
    '-c',
    `import slack_sdk.version as v; assert v.__version__ == "${sdk.split('==')[1]}"`,
  ]) ||
  (run('python3', ['-m', 'venv', '--clear', environment]) &&
    run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', sdk]));
process.exitCode = ready && run(python, ['test/foreign/slack_models.py', ...files]) ? 0 : 1;
