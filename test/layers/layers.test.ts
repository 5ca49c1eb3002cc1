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
  'oracle-is-apart': ['test/chaos/oracle/oracle.ts', '../../../src/reboot/ports/stores.ts'],
  'core-is-pure': ['src/reboot/state/core.ts', '../reconcile/loop.ts'],
  'loop-uses-ports': ['src/reboot/reconcile/reads.ts', 'node:fs'],
  'views-are-pure': ['src/bot/views/view.ts', '../connection/gateway.ts'],
  'bot-uses-the-core': ['src/bot/meets-jobs.ts', '../jobs/queues.ts'],
  'jobs-use-the-core': ['src/jobs/meets-k8s.ts', '../k8s/kube.ts'],
  'k8s-uses-the-core': ['src/k8s/meets-calendars.ts', '../calendars/reader.ts'],
  'calendars-use-the-core': ['src/calendars/meets-gates.ts', '../gates/asks.ts'],
  'gates-use-the-core': ['src/gates/meets-k8s.ts', '../k8s/kube.ts'],
  'ops-use-the-core': ['src/ops/meets-bot.ts', '../bot/connection/gateway.ts'],
  'timing-is-general': ['src/timing/knows.ts', '../reboot/ports/stores.ts'],
  'doctor-examines': ['src/doctor/builds.ts', '../lifecycle/compose.ts'],
  'kured-is-apart': ['src/kured/asks.ts', '../reboot/ports/stores.ts'],
  'config-uses-the-core': ['src/config/meets-k8s.ts', '../k8s/kube.ts'],
  'lifecycle-is-started-by-a-command': ['src/jobs/wires.ts', '../lifecycle/compose.ts'],
  'slack-sdk-home': ['src/jobs/slack.ts', '@slack/web-api'],
  'kube-sdk-home': ['src/bot/kube.ts', '@kubernetes/client-node'],
  'redis-sdk-home': ['src/k8s/redis.ts', 'ioredis'],
  'agent-is-small': ['src/agent/big.ts', 'zod'],
  'agent-has-no-schema': ['src/agent/parses.ts', '../reboot/nodes/node-report.ts'],
  'production-does-not-know-the-demo': ['src/ops/demo.ts', '../../demo/environment.ts'],
  'nobody-imports-main': ['src/ops/main.ts', '../main.ts'],
  'configuration-comes-as-an-argument': ['src/bot/config.ts', '../config/load.ts'],
  'rooms-are-one-way': ['src/reboot/commands/one.ts', '../collect/other.ts'],
  'no-cycles': ['src/jobs/one.ts', './other.ts'],
  'no-orphans': ['src/ops/orphan.ts'],
  'everything-is-used': ['src/ops/unused.ts', './used.ts'],
  'no-unresolvable': ['src/ops/lost.ts', './nowhere.ts'],
};

const innocent: Readonly<Record<string, readonly string[]>> = {
  'src/main.ts': ['./commands/serve.ts'],
  'src/commands/serve.ts': ['../lifecycle/compose.ts', '../ops/used.ts'],
  'src/lifecycle/compose.ts': [
    '../bot/connection/gateway.ts',
    '../calendars/reader.ts',
    '../config/load.ts',
    '../gates/asks.ts',
    '../jobs/queues.ts',
    '../k8s/kube.ts',
  ],
  'src/bot/connection/gateway.ts': ['@slack/web-api', '../../reboot/ports/stores.ts'],
  'src/calendars/reader.ts': ['../reboot/ports/stores.ts'],
  'src/gates/asks.ts': ['../reboot/ports/stores.ts'],
  'src/jobs/queues.ts': ['ioredis', '../reboot/ports/stores.ts'],
  'src/jobs/other.ts': ['./one.ts'],
  'src/k8s/kube.ts': ['@kubernetes/client-node', '../reboot/ports/stores.ts'],
  'src/reboot/nodes/node-report.ts': ['zod'],
  'src/reboot/ports/stores.ts': ['date-fns-tz', '../nodes/node-report.ts'],
  'src/reboot/reconcile/loop.ts': ['../ports/stores.ts'],
  'src/reboot/collect/other.ts': ['../commands/two.ts'],
  'src/reboot/commands/two.ts': ['../ports/stores.ts'],
  'src/config/load.ts': ['../reboot/ports/stores.ts'],
  'demo/environment.ts': ['../src/config/load.ts'],
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
        ['--config', config, '--output-type', 'json', 'src', 'demo', 'test'],
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
      ([name, [file]]) =>
        !violations.some(({ from, rule }) => rule.name === name && [file, dirname(file)].includes(from)),
    );
    expect(missed.map(([name]) => name)).toEqual([]);
  });

  it('leave alone who breaks none', () => {
    const partners = new Set([
      'src/jobs/other.ts',
      'demo/environment.ts',
      'src/reboot/reconcile/loop.ts',
      'src/reboot/collect/other.ts',
      'src/reboot/commands/two.ts',
    ]);
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
