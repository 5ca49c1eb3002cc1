import { describe, expect, it } from 'vitest';
import { metricTable } from '../../../src/ops/metrics/table.ts';
import { describeWith } from '../../needs/describe-with.ts';
import { lackOf } from '../../needs/programs.ts';
import { checkRules, dashboard } from './chart-files.ts';
import { metricsIn, resultLabels, unknownIn } from './promql.ts';

const panels = dashboard.panels.filter(({ type }) => type !== 'row');
const queries = panels.flatMap(({ title, targets = [] }) => targets.map((target) => ({ title, ...target })));

/** Grafana puts a value in the place of its variables. */
const asPrometheusSees = (expression: string): string =>
  expression.replaceAll('$__rate_interval', '5m').replaceAll('$pool', '.*');

describe('the dashboard', () => {
  it.each(queries)('asks for what the bot exports: $title: $expr', ({ expr, legendFormat }) => {
    expect(unknownIn(expr)).toEqual([]);
    const named = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label);
    expect(named.filter((label) => !resultLabels(expr).includes(label))).toEqual([]);
  });

  it('adds up no gauge over bots, and counters over all of them', () => {
    for (const { expr } of queries) {
      for (const metric of metricsIn(expr)) {
        const type = (metricTable as Readonly<Record<string, { readonly type: string }>>)[metric]?.type;
        if (type !== 'gauge') expect(expr).toMatch(/sum by/);
        else if (metric !== 'tugboot_build_info')
          expect(expr).toMatch(new RegExp(`(max|min)( by \\([^)]*\\) )?\\(${metric}\\b`));
      }
    }
  });

  it('shows every metric but those for other alerts', () => {
    const shown = new Set(queries.flatMap(({ expr }) => metricsIn(expr)));
    const hidden = Object.keys(metricTable).filter(
      (name) => !shown.has(name) && !shown.has(`${name}_bucket`),
    );
    expect(hidden).toEqual(['kured_reboot_required']);
  });

  it('has a sentence beside each panel, and no two panels in one place', () => {
    expect(panels.filter(({ description = '' }) => !description.endsWith('.'))).toEqual([]);
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, at) => `${x + (at % w)},${y + Math.floor(at / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
  });

  it('chooses among the pools that there are', () => {
    expect(dashboard.templating.list.map(({ name, definition }) => [name, definition])).toEqual([
      ['datasource', undefined],
      ['pool', 'label_values(tugboot_nodes, pool)'],
    ]);
  });
});

describeWith('promtool on the dashboard', { lack: lackOf('prometheus') }, () => {
  it('can read every query of the dashboard', async () => {
    const rules = queries.map(({ expr }, at) => ({ record: `query:${at}`, expr: asPrometheusSees(expr) }));
    expect(await checkRules({ groups: [{ name: 'dashboard', rules }] })).toMatchObject({ ok: true });
    const broken = [{ record: 'query:0', expr: 'sum by (pool (tugboot_nodes)' }];
    expect(await checkRules({ groups: [{ name: 'dashboard', rules: broken }] })).toMatchObject({ ok: false });
  });
});

describe('what an expression names', () => {
  it.each([
    ['up == 0', ['there is no up']],
    ['max by (phase) (tugboot_nodes)', ['tugboot_nodes: no phase']],
    ['tugboot_nodes{phase="Failed"}', ['tugboot_nodes: no phase']],
    ['sum by (le) (rate(tugboot_job_duration_seconds[5m]))', ['there is no tugboot_job_duration_seconds']],
    ['sum by (le, job) (rate(tugboot_job_duration_seconds_bucket{job!="scan"}[5m]))', []],
    ['sum by (pool) (max by (pool, phase) (tugboot_reboots)) > on (pool) max by (pool) (tugboot_turns)', []],
  ])('is held against the table of metrics: %s', (expression, unknown) => {
    expect(unknownIn(expression)).toEqual(unknown);
  });
});
