// The surroundings of one bot at scale: the API in a process of its own, a queue server, and a Slack here.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { type Program, startProgram, writeKubeconfig } from '../../../demo/environment/programs.ts';
import { startQueueServer } from '../../../demo/environment/queue-server.ts';
import { createSupervisor } from '../../../demo/environment/supervisor.ts';
import { type FakeSlack, startSlack } from '../../../demo/slack/slack.ts';
import { type ApiProcess, startApiProcess } from './protocol.ts';

export interface ScaleEnvironment {
  readonly api: ApiProcess;
  readonly slack: FakeSlack;
  startBot(): Program;
  /** How often the bot has said that it is ready. */
  readies(): number;
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

export async function openScaleEnvironment(): Promise<ScaleEnvironment> {
  const directory = mkdtempSync(join(tmpdir(), 'tugboot-scale-'));
  const supervisor = createSupervisor(directory);
  const token = (): string => randomBytes(16).toString('hex');
  const tokens = { admin: token(), bot: token() };
  const api = await startApiProcess(tokens);
  supervisor.adopt(api.child);
  const queue = await startQueueServer({ env: process.env, directory, supervisor });
  const slack = await startSlack({ pageDirectory: join(bundles, 'page') });
  supervisor.onEnd(() => slack.close());
  const kubeconfig = join(directory, 'bot.kubeconfig');
  const configFile = join(directory, 'tugboot.yaml');
  writeKubeconfig(kubeconfig, api.url, tokens.bot);
  writeFileSync(configFile, stringify({ channel: slack.channel.id, ...config }));
  const botLog = join(directory, 'serve.log');
  writeFileSync(botLog, '');
  const env = {
    KUBECONFIG: kubeconfig,
    TUGBOOT_CONFIG: configFile,
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_APP_TOKEN: slack.appToken,
    SLACK_API_URL: slack.apiUrl,
    REDIS_URL: queue.url,
    POD_NAMESPACE: 'tugboot',
    HEALTH_PORT: '0',
    LOG_LEVEL: 'info',
    TERMINATION_LOG: join(directory, 'termination'),
  };
  return {
    api,
    slack,
    startBot: () => startProgram(bundles, supervisor, { command: 'serve', env, logFile: botLog }),
    readies: () => readFileSync(botLog, 'utf8').split('"msg":"ready"').length - 1,
    botLog,
    close: () => supervisor.close(),
  };
}
