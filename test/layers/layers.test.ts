import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

interface Violation {
  readonly from: string;
  readonly rule: { readonly name: string };
}

const config = resolve('.dependency-cruiser.mjs');

/** By rule: a file that breaks it, and what that file imports. */
const offenders: Readonly<Record<string, readonly [file: string, ...imports: readonly string[]]>> = {
  'core-is-pure': ['src/reboot/core.ts', 'node:fs'],
  'views-are-pure': ['src/bot/views/view.ts', '../gateway.ts'],
  'bot-does-not-meet-adapters': ['src/bot/meets-jobs.ts', '../jobs/queues.ts'],
  'jobs-do-not-meet-adapters': ['src/jobs/meets-k8s.ts', '../k8s/kube.ts'],
  'k8s-does-not-meet-adapters': ['src/k8s/meets-bot.ts', '../bot/gateway.ts'],
  'calendars-meet-nobody': ['src/calendars/meets-config.ts', '../config/load.ts'],
  'gates-meet-nobody': ['src/gates/meets-k8s.ts', '../k8s/kube.ts'],
  'slack-sdk-home': ['src/jobs/slack.ts', '@slack/web-api'],
  'kube-sdk-home': ['src/bot/kube.ts', '@kubernetes/client-node'],
  'redis-sdk-home': ['src/k8s/redis.ts', 'ioredis'],
  'agent-is-small': ['src/agent/big.ts', 'zod'],
  'production-does-not-know-the-demo': ['src/ops/demo.ts', '../demo/house.ts'],
  'nobody-imports-main': ['src/ops/main.ts', '../main.ts'],
  'configuration-comes-as-an-argument': ['src/bot/config.ts', '../config/load.ts'],
  'no-cycles': ['src/jobs/one.ts', './other.ts'],
  'no-orphans': ['src/ops/orphan.ts'],
  'everything-is-used': ['src/ops/unused.ts', './used.ts'],
  'no-unresolvable': ['src/ops/lost.ts', './nowhere.ts'],
};

const innocent: Readonly<Record<string, readonly string[]>> = {
  'src/main.ts': [
    './bot/gateway.ts',
    './jobs/queues.ts',
    './k8s/kube.ts',
    './config/load.ts',
    './ops/used.ts',
  ],
  'src/bot/connection/gateway.ts': ['@slack/web-api', '../reboot/ports.ts'],
  'src/jobs/queues.ts': ['ioredis', '../reboot/ports.ts'],
  'src/jobs/other.ts': ['./one.ts'],
  'src/k8s/kube.ts': ['@kubernetes/client-node', '../reboot/ports.ts'],
  'src/reboot/ports/ports.ts': ['date-fns-tz'],
  'src/config/load.ts': ['../reboot/ports.ts'],
  'demo/house.ts': ['../config/load.ts'],
  'src/ops/used.ts': ['node:http'],
};

describe('the layer rules', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tugboot-layers-'));
  let violations: readonly Violation[] = [];
  let rules: readonly { readonly name: string; readonly comment: string }[] = [];

  beforeAll(async () => {
    symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    const broken = Object.values(offenders).map(([file, ...imports]) => [file, imports] as const);
    for (const [file, imports] of [...Object.entries(innocent), ...broken]) {
      const path = join(folder, file);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, imports.map((from) => `import '${from}';\n`).join('') || 'export {};\n');
    }
    // It ends with the number of violations.
    const output = failing(() =>
      execFileSync(
        resolve('node_modules/.bin/depcruise'),
        ['--config', config, '--output-type', 'json', 'src'],
        {
          cwd: folder,
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'ignore'],
        },
      ),
    );
    ({ violations } = (JSON.parse(output) as { summary: { violations: readonly Violation[] } }).summary);
    ({
      default: { forbidden: rules },
    } = (await import(config)) as { default: { forbidden: typeof rules } });
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('each catch the file that breaks them', () => {
    const missed = Object.entries(offenders).filter(
      ([name, [file]]) => !violations.some(({ from, rule }) => rule.name === name && from === file),
    );
    expect(missed.map(([name]) => name)).toEqual([]);
  });

  it('leave alone who breaks none', () => {
    const partners = new Set(['src/jobs/other.ts', 'demo/house.ts']);
    const blamed = violations.filter(({ from }) => from in innocent && !partners.has(from));
    expect(blamed).toEqual([]);
  });

  it('are all tried here, and each tells the offender what to do in a sentence', () => {
    expect(rules.map(({ name }) => name).toSorted()).toEqual(Object.keys(offenders).toSorted());
    expect(rules.filter(({ comment }) => !/^[A-Za-z].{40,}\.$/.test(comment))).toEqual([]);
  });
});

/** What a program printed that ended with a number other than 0. */
function failing(run: () => string): string {
  try {
    return run();
  } catch (error) {
    if (error instanceof Error && 'stdout' in error) return String(error.stdout);
    throw error;
  }
}
