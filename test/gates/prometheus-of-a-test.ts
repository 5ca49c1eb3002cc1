/**
 * A real Prometheus with a real Alertmanager, as Debian packs them (prometheus, prometheus-alertmanager), and
 * one alert that a test lets fire.
 */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSupervisor } from '../../demo/environment/supervisor.ts';
import { freePort } from '../../demo/environment/queue-server.ts';
import { findProgram, lackOf } from '../needs/programs.ts';
import { startComponent, untilUp } from '../cluster/harness/component.ts';

const programs = [findProgram('prometheus'), findProgram('prometheus-alertmanager')] as const;

/** Why there is none; undefined where both programs are there. */
export const whyNoPrometheus = lackOf('prometheus', 'prometheus-alertmanager');

export interface TestPrometheus {
  readonly url: string;
  readonly alertmanager: string;
  /**
   * Lets the alert DiskFull {severity="page", disk="sda"} fire, or end: soon after, as the rules are
   * evaluated.
   */
  fire(firing: boolean): Promise<void>;
  /** Silences alerts with this label, as amtool or the web page do; returns how to end that. */
  silence(label: string, value: string): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

/** Prometheus reads it again when it is told to. */
const rules = (firing: boolean): string => `groups:
  - name: test
    rules:
      - { alert: DiskFull, expr: "vector(1) == ${firing ? 1 : 2}", labels: { severity: page, disk: sda } }
`;
const config = (
  alertmanagerPort: number,
  ports: readonly number[],
): string => `global: { evaluation_interval: 200ms, external_labels: { cluster: prod } }
rule_files: [rules.yaml, more-rules.yaml]
alerting:
  alertmanagers: [{ static_configs: [{ targets: ['127.0.0.1:${alertmanagerPort}'] }] }]
scrape_configs:
  - job_name: tugboot
    scrape_interval: 1s
    static_configs: [{ targets: [${ports.map((port) => `'127.0.0.1:${port}'`).join()}] }]
`;

export interface Scraping {
  /** Ports on loopback that answer /metrics. */
  readonly ports?: readonly number[];
  /** The content of a file of rules, beside the rule of `fire`. */
  readonly rules?: unknown;
}

export async function openPrometheus({
  ports = [],
  rules: more = {},
}: Scraping = {}): Promise<TestPrometheus> {
  const [prometheus = '', alertmanager = ''] = programs;
  const directory = mkdtempSync(join(tmpdir(), 'tugboot-prometheus-'));
  const supervisor = createSupervisor(directory);
  const write = (name: string, text: string): void => writeFileSync(join(directory, name), text);
  const [port, silences] = [await freePort(), await freePort()];
  write('rules.yaml', rules(false));
  // JSON is YAML.
  write('more-rules.yaml', JSON.stringify(more));
  write('prometheus.yaml', config(silences, ports));
  write('alertmanager.yaml', 'route: { receiver: nobody }\nreceivers: [{ name: nobody }]\n');
  const start = (name: string, program: string, args: readonly string[]) =>
    startComponent({ name, program, args, directory, supervisor });
  const alerts = start('alertmanager', alertmanager, [
    '--config.file=alertmanager.yaml',
    '--storage.path=silences',
    `--web.listen-address=127.0.0.1:${silences}`,
    '--cluster.listen-address=',
  ]);
  const metrics = start('prometheus', prometheus, [
    '--config.file=prometheus.yaml',
    '--storage.tsdb.path=data',
    `--web.listen-address=127.0.0.1:${port}`,
    '--web.enable-lifecycle',
    // The Alertmanager may not be known yet when the alert is sent for the first time.
    '--rules.alert.resend-delay=1s',
  ]);
  const urls = { url: `http://127.0.0.1:${port}`, alertmanager: `http://127.0.0.1:${silences}` };
  const answers = async (url: string): Promise<boolean> => (await fetch(`${url}/-/ready`)).ok;
  try {
    await untilUp(metrics, () => answers(urls.url));
    await untilUp(alerts, () => answers(urls.alertmanager));
  } catch (error) {
    await supervisor.close();
    throw error;
  }
  return {
    ...urls,
    async fire(firing) {
      write('rules.yaml', rules(firing));
      await done(fetch(`${urls.url}/-/reload`, { method: 'POST' }));
    },
    silence: (label, value) => silence(urls.alertmanager, label, value),
    close: () => supervisor.close(),
  };
}

async function silence(url: string, label: string, value: string): Promise<() => Promise<void>> {
  const made = await done(
    fetch(`${url}/api/v2/silences`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        matchers: [{ name: label, value, isRegex: false, isEqual: true }],
        startsAt: new Date(Date.now() - 1000).toISOString(),
        endsAt: new Date(Date.now() + 3_600_000).toISOString(),
        createdBy: 'mia',
        comment: 'known',
      }),
    }),
  );
  const { silenceID } = (await made.json()) as { silenceID: string };
  return async () => void (await done(fetch(`${url}/api/v2/silence/${silenceID}`, { method: 'DELETE' })));
}

async function done(asked: Promise<Response>): Promise<Response> {
  const answer = await asked;
  if (!answer.ok) throw new Error(`${answer.url} answers ${answer.status}: ${await answer.text()}`);
  return answer;
}
