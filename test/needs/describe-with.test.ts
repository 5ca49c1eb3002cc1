import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isCi } from './describe-with.ts';
import { findProgram, lackOf } from './programs.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const runner = fileURLToPath(new URL('vitest.mjs', import.meta.resolve('vitest/package.json')));
const trial = `
import { expect, it } from 'vitest';
import { describeWith } from '../describe-with.ts';
describeWith('needs nothing', { lack: undefined }, () => it('runs', () => expect(1).toBe(1)));
describeWith('needs a moon', { lack: 'moon is not on PATH' }, () => it('flies', () => expect(1).toBe(1)));
describeWith('needs a sun', { lack: 'sun is not on PATH', isTold: true }, () => it('shines', () => expect(1).toBe(1)));
`;

describe('tests whose programs are missing', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(here, 'trial-'));
    writeFileSync(join(folder, 'trial.test.ts'), trial);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const outcome = (env: Readonly<Record<string, string>>): Promise<{ code: number; said: string }> =>
    new Promise((resolve) => {
      const { PATH, HOME } = process.env;
      const args = [runner, 'run', '--root', folder];
      execFile(process.execPath, args, { env: { PATH, HOME, ...env } }, (error, stdout, stderr) => {
        const code = error === null ? 0 : Number(error.code);
        resolve({ code, said: stripVTControlCharacters(stdout + stderr) });
      });
    });

  it('are skipped, counted, and told in one line each', async () => {
    const { code, said } = await outcome({ CI: '' });
    expect(code).toBe(0);
    expect(said.split('\n').filter((line) => line.startsWith('skipped:'))).toEqual([
      'skipped: needs a moon: moon is not on PATH',
    ]);
    expect(said).toMatch(/Tests +1 passed \| 2 skipped/);
  });

  it('fail in CI, and say what is missing', async () => {
    const { code, said } = await outcome({ CI: 'true' });
    expect(code).toBe(1);
    expect(said).toMatch(/Tests +2 failed \| 1 passed/);
    for (const program of ['moon', 'sun']) expect(said).toContain(`${program} is not on PATH`);
  });
});

describe('all tests', () => {
  it('are skipped in this way only', () => {
    const tests = fileURLToPath(new URL('..', import.meta.url));
    const files = readdirSync(tests, { recursive: true, encoding: 'utf8' }).filter(
      (name) => name.endsWith('.ts') && !/(?:^|\/)node_modules\//u.test(name),
    );
    expect(files.length).toBeGreaterThan(200);
    const others = files.filter((name) =>
      /\.(?:skip|run)If\(/u.test(readFileSync(join(tests, name), 'utf8')),
    );
    expect(others).toEqual([]);
  });
});

describe('what a machine lacks', () => {
  it('is looked for on PATH', () => {
    expect(findProgram('chromium', '/nowhere')).toBeUndefined();
    const found = lackOf('redis-server');
    if (findProgram('redis-server') === undefined)
      expect(found).toBe('redis-server not on PATH (Debian: apt-get install redis-server)');
    else expect(found).toBeUndefined();
  });

  it.each([
    ['true', true],
    ['1', true],
    ['false', false],
    ['0', false],
    ['', false],
  ])('is a failure where CI=%s: %s', (CI, expected) => {
    expect(isCi({ CI })).toBe(expected);
    expect(isCi({})).toBe(false);
  });
});
