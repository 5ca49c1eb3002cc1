/** The rules and the dashboard of the chart, and what their tests ask promtool. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { chart } from '../render-chart.ts';

export interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: { readonly severity: string };
  readonly annotations: Readonly<Record<'summary' | 'description' | 'runbook_url', string>>;
}

export interface RuleFile {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Alert[] }[];
}

export const alertsFile = join(chart, 'files/alerts.yaml');

export const rules = parse(readFileSync(alertsFile, 'utf8')) as RuleFile;

export const alerts = rules.groups.flatMap((group) => group.rules);

export interface Target {
  readonly expr: string;
  readonly legendFormat: string;
}

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: Readonly<Record<'x' | 'y' | 'w' | 'h', number>>;
  readonly targets?: readonly Target[];
}

export interface Dashboard {
  readonly uid: string;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly definition?: string }[] };
}

export const dashboardText = readFileSync(join(chart, 'dashboards/tugboot.json'), 'utf8');

export const dashboard = JSON.parse(dashboardText) as Dashboard;

export interface Verdict {
  readonly ok: boolean;
  readonly said: string;
}

/** The answer of promtool, of Debian's package prometheus. */
export const promtool = (...args: readonly string[]): Promise<Verdict> =>
  new Promise((resolve) => {
    execFile('promtool', args, (error, stdout, stderr) =>
      resolve({ ok: error === null, said: stdout + stderr }),
    );
  });

/** What promtool says of rules that are in no file. JSON is YAML. */
export async function checkRules(file: unknown): Promise<Verdict> {
  const directory = mkdtempSync(join(tmpdir(), 'tugboot-rules-'));
  try {
    const path = join(directory, 'rules.yaml');
    writeFileSync(path, JSON.stringify(file));
    return await promtool('check', 'rules', path);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
