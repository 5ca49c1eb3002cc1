import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { read, root, rows, section } from '../../docs/pages.ts';
import { describeWith } from '../../needs/describe-with.ts';
import { lackOf } from '../../needs/programs.ts';
import { alerts, alertsFile, promtool } from './chart-files.ts';
import { resultLabels, unknownIn } from './promql.ts';

const unitTests = fileURLToPath(new URL('alerts.promtool.yaml', import.meta.url));

interface Expectation {
  readonly alertname: string;
  readonly eval_time: string;
  readonly exp_alerts: readonly unknown[];
}
const { tests } = parse(readFileSync(unitTests, 'utf8')) as {
  readonly tests: readonly { readonly alert_rule_test: readonly Expectation[] }[];
};

const names = alerts.map(({ alert }) => alert);
const runbooks = readdirSync(join(root, 'docs/runbooks'));

describeWith('promtool on the alerts', { lack: lackOf('prometheus') }, () => {
  it('has nothing to say against the alerts', async () => {
    expect(await promtool('check', 'rules', alertsFile)).toMatchObject({ ok: true });
  });

  it('sees each of them fire and clear, with two bots', async () => {
    const { ok, said } = await promtool('test', 'rules', unitTests);
    expect(said).toContain('SUCCESS');
    expect(ok).toBe(true);
  });
});

describe.each(alerts.map((each) => [each.alert, each] as const))('%s', (name, { expr, annotations }) => {
  it('is tried: it does not fire at first, fires, and clears', () => {
    const course = tests
      .flatMap(({ alert_rule_test }) => alert_rule_test)
      .filter(({ alertname }) => alertname === name)
      .map(({ exp_alerts }) => exp_alerts.length > 0);
    expect([course[0], course.includes(true), course.at(-1)]).toEqual([false, true, false]);
  });

  it('asks for what the bot exports', () => {
    expect(unknownIn(expr)).toEqual([]);
  });

  it('names labels that its result has', () => {
    const text = Object.values(annotations).join(' ');
    const named = [...text.matchAll(/\$labels\.(\w+)/g)].map(([, label = '']) => label);
    expect(named.filter((label) => !resultLabels(expr).includes(label))).toEqual([]);
  });

  it('takes the same gauge of several bots once', () => {
    expect(expr).toMatch(/^(time\(\) - )?(max|min) by \((pool|part)\) \(|^absent\(/);
    expect(expr.replaceAll(/sum by \(pool\) \(\s*max by \(pool, phase\)/g, '')).not.toMatch(/sum/);
  });

  it('has a runbook that says what it means, what to look at, what to do, and when to do nothing', () => {
    expect(annotations.runbook_url).toBe(`docs/runbooks/${name}.md`);
    const text = read(annotations.runbook_url);
    expect(text).toMatch(new RegExp(`^# ${name}\n`));
    for (const part of [/^\*\*It means\*\*/m, /^\*\*Look at\*\*/m, /^\*\*Do\*\*/m, /[Ll]eave it alone\*\*/])
      expect(text).toMatch(part);
  });
});

describe('the runbooks', () => {
  it('are those of the alerts', () => {
    expect(runbooks.toSorted()).toEqual(names.map((name) => `${name}.md`).toSorted());
  });

  it.each(runbooks)('look for lines that the program logs: %s', (file) => {
    const sources = sourcesIn(join(root, 'src'));
    const lines = [...read(`docs/runbooks/${file}`).matchAll(/logs .*grep '([^']+)'/g)];
    expect(lines.map(([, line = '']) => line).filter((line) => !sources.includes(`'${line}'`))).toEqual([]);
  });
});

describe('operations.md', () => {
  it('lists every alert, with its severity and its time', () => {
    const listed = rows(section(read('docs/operations.md'), '## Alerts'));
    expect(listed.map(([link, severity, after]) => [link, severity, after])).toEqual(
      alerts.map(({ alert, labels, for: after }) => [
        `[\`${alert}\`](runbooks/${alert}.md)`,
        labels.severity,
        after.replace(/(\d+)m/, '$1 min').replace(/(\d+)h/, '$1 h'),
      ]),
    );
  });
});

let allSources: string | undefined;

function sourcesIn(directory: string): string {
  allSources ??= readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(join(directory, file), 'utf8'))
    .join('\n');
  return allSources;
}
