import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text as textOf } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { subcommands } from '../../src/bot/command/subcommands.ts';
import { run as checkConfig } from '../../src/commands/check-config.ts';
import { run as manifest } from '../../src/commands/manifest.ts';
import { found, pages, read, root } from './pages.ts';

const scripts = new Set(Object.keys((JSON.parse(read('package.json')) as { scripts: object }).scripts));

/** npm's own words. */
const npmItself = new Set(['ci', 'run', 'install']);

describe('npm commands that the documentation names', () => {
  it.each(pages)('exist in package.json: $path', ({ text }) => {
    const named = [
      ...found(text, /\bnpm run (?:--silent )?([a-z][a-z-]*)/g),
      ...found(text, /(?:`|^|&& )npm ((?!run\b)[a-z]+)/gm),
    ];
    expect(named.filter((name) => !scripts.has(name) && !npmItself.has(name))).toEqual([]);
  });

  it('are the two that a newcomer types, in the README', () => {
    expect(read('README.md')).toContain('\nnpm ci && npm run demo\n');
    expect(read('README.md')).toContain('\nnpm test\n');
    expect([...scripts]).toEqual(expect.arrayContaining(['demo', 'test']));
  });
});

describe('commands of tugboot', () => {
  const help = execFileSync(process.execPath, [join(root, 'src/main.ts'), '--help'], { encoding: 'utf8' });
  const listed = found(help, /^ {2}tugboot ([a-z][a-z-]*) /gm);

  it('are listed by --help, one for each file of src/commands', () => {
    const files = readdirSync(join(root, 'src/commands')).map((file) => file.replace(/\.ts$/, ''));
    expect(listed.toSorted()).toEqual(files.filter((file) => file !== 'io').toSorted());
  });

  it.each(pages)('exist where they are named: $path', ({ text }) => {
    const named = [
      ...found(text, /`tugboot ([a-z][a-z-]*)/g),
      ...found(text, /dist\/tugboot\.cjs ([a-z][a-z-]*)/g),
      ...found(text, /npm run (?:--silent )?tugboot ([a-z][a-z-]*)/g),
    ];
    expect(named.filter((name) => !listed.includes(name))).toEqual([]);
  });

  it('are all in the list of changes', () => {
    expect(listed.filter((name) => !read('CHANGELOG.md').includes(`\`tugboot ${name}\``))).toEqual([]);
  });
});

describe('what can be typed in Slack', () => {
  it.each(pages)('exists where it is named: $path', ({ text }) => {
    const named = found(text, /`\/reboot ([a-z]+)/g);
    expect(named.filter((word) => !Object.hasOwn(subcommands, word))).toEqual([]);
  });

  it('is all in the list of changes', () => {
    const lines = read('CHANGELOG.md')
      .split('\n')
      .filter((each) => each.includes('/reboot'))
      .join('\n');
    expect(
      Object.keys(subcommands).filter(
        (word) => !lines.includes(`\`${word}\``) && !lines.includes(`/reboot ${word}`),
      ),
    ).toEqual([]);
  });
});

describe('wrong usage', () => {
  it.each([
    [checkConfig, ['--bogus'], 'check-config: there is no option --bogus.'],
    [checkConfig, [], 'check-config: name one file.'],
    [checkConfig, ['a', 'b'], 'check-config: name one file.'],
    [manifest, ['--name', '-x'], "manifest: Option '--name' argument is ambiguous."],
    [manifest, ['--bogus'], "manifest: Unknown option '--bogus'."],
  ])('is answered with 2 and one line: %o %j', async (run, args, words) => {
    const stderr = new PassThrough();
    const io = { env: {}, stdout: new PassThrough(), stderr, signal: new AbortController().signal };
    expect(await run(args, io)).toBe(2);
    stderr.end();
    expect(await textOf(stderr)).toMatch(new RegExp(`^tugboot ${words.replaceAll('.', '\\.')} See .+\n$`));
  });
});

describe('examples/tugboot.yaml', () => {
  it('passes check-config, and leaves no pool without approvers', async () => {
    const stdout = new PassThrough();
    const stderr = new PassThrough();
    const path = join(root, 'examples/tugboot.yaml');
    const code = await checkConfig([path], { env: {}, stdout, stderr, signal: new AbortController().signal });
    stdout.end();
    stderr.end();
    expect(await textOf(stderr)).toBe('');
    expect(code).toBe(0);
    const said = await textOf(stdout);
    expect(said).toContain('is right.');
    expect(said).not.toContain('Nobody may approve');
  });
});
