// The surroundings of one bot at scale: the API in a process of its own, a queue server, and a Slack here.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { type Program, startProgram, writeKubeconfig } from '../../../demo/environment/programs.ts';
import { freePort, startQueueServer } from '../../../demo/environment/queue-server.ts';
import { createSupervisor, type Supervisor } from '../../../demo/environment/supervisor.ts';
import { type FakeSlack, startSlack } from '../../../demo/slack/slack.ts';
import { type ScaleApi, startApiProcess } from './protocol.ts';
import { openRealApi } from './real-api.ts';

export interface ScaleEnvironment {
  readonly api: ScaleApi;
  readonly slack: FakeSlack;
  startBot(): Program;
  /** How often the bot has said that it is ready. */
  readies(): number;
  /** Resyncs of the running bot, and how long they took in all. */
  resyncs(): Promise<{ readonly count: number; readonly seconds: number }>;
  readonly botLog: string;
  close(): Promise<void>;
}

const bundles = resolve('dist');

/** One pool, decided by people: everything that asks waits. */
const config = {
  cluster: 'scale',
  approvers: 'channel',
  concurrency: 20,
  pools: [{ name: 'workers', concurrency: 20, maxUnavailable: '10%', settleTime: '2s' }],
} as const;

/** Which API the bot has: the demo's, or etcd and kube-apiserver. */
export type ApiKind = 'demo' | 'control-plane';

interface OpenedApi {
  readonly api: ScaleApi;
  /** Path of the bot's. */
  readonly kubeconfig: string;
  readonly namespace: string;
}

async function openDemoApi(directory: string, supervisor: Supervisor): Promise<OpenedApi> {
  const token = (): string => randomBytes(16).toString('hex');
  const tokens = { admin: token(), bot: token() };
  const api = await startApiProcess(tokens);
  supervisor.adopt(api.child);
  const kubeconfig = join(directory, 'bot.kubeconfig');
  writeKubeconfig(kubeconfig, api.url, tokens.bot);
  return { api, kubeconfig, namespace: 'tugboot' };
}

async function openControlPlane(supervisor: Supervisor): Promise<OpenedApi> {
  const opened = await openRealApi((line) => console.error(line));
  supervisor.onEnd(() => opened.close());
  return opened;
}

export async function openScaleEnvironment(kind: ApiKind = 'demo'): Promise<ScaleEnvironment> {
  const directory = mkdtempSync(join(tmpdir(), 'tugboot-scale-'));
  const supervisor = createSupervisor(directory);
  const { api, kubeconfig, namespace } =
    kind === 'demo' ? await openDemoApi(directory, supervisor) : await openControlPlane(supervisor);
  const queue = await startQueueServer({ env: process.env, directory, supervisor });
  const slack = await startSlack({ pageDirectory: join(bundles, 'page') });
  supervisor.onEnd(() => slack.close());
  const configFile = join(directory, 'tugboot.yaml');
  writeFileSync(configFile, stringify({ channel: slack.channel.id, ...config }));
  const port = await freePort();
  const botLog = join(directory, 'serve.log');
  writeFileSync(botLog, '');
  const env = {
    KUBECONFIG: kubeconfig,
    TUGBOOT_CONFIG: configFile,
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_APP_TOKEN: slack.appToken,
    SLACK_API_URL: slack.apiUrl,
    REDIS_URL: queue.url,
    POD_NAMESPACE: namespace,
    HEALTH_PORT: String(port),
    LOG_LEVEL: 'info',
    TERMINATION_LOG: join(directory, 'termination'),
  };
  return {
    api,
    slack,
    startBot: () => startProgram(bundles, supervisor, { command: 'serve', env, logFile: botLog }),
    readies: () => readFileSync(botLog, 'utf8').split('"msg":"ready"').length - 1,
    async resyncs() {
      const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      const valueOf = (name: string): number =>
        Number(new RegExp(`^${name}\\{[^}]*job="resync"[^}]*\\} (.+)$`, 'm').exec(metrics)?.[1]);
      return {
        count: valueOf('tugboot_job_duration_seconds_count'),
        seconds: valueOf('tugboot_job_duration_seconds_sum'),
      };
    },
    botLog,
    close: () => supervisor.close(),
  };
}
