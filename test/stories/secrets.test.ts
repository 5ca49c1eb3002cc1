/** Secrets of every input must not occur in any output of the programs. */
import { execFile, spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { Redis } from 'ioredis';
import { expect, it, onTestFinished } from 'vitest';
import { freePort } from '../../demo/environment/queue-server.ts';
import { describeWith } from '../needs/describe-with.ts';
import { lackOf } from '../needs/programs.ts';
import { type DemoStage, inDemoEnvironmentWith } from './demo-stage.ts';
import { opsPage, workers } from './story-environment.ts';
import { compileCache } from './warm-programs.ts';

const canary = (what: string): string => `canary-of-the-${what}-4f1c9a`;

const canaries = {
  queue: canary('queue'),
  calendar: canary('calendar'),
  oldCalendar: canary('old-calendar'),
  bearer: canary('bearer'),
  basic: canary('basic'),
  signing: canary('signing'),
} as const;

/** A Redis that asks for a password; it ends with the test. */
async function lockedRedis(): Promise<string> {
  const port = await freePort();
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--requirepass', canaries.queue];
  const child = spawn('redis-server', args, { stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  return `redis://:${canaries.queue}@127.0.0.1:${port}`;
}

/** A service that repeats all that it is sent, as a naive one does in its errors. */
async function parrot(status: number): Promise<string> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const said = JSON.stringify({ reason: `not with ${JSON.stringify(request.headers)} ${request.url}` });
      response.writeHead(status, { 'content-type': 'application/json' }).end(said);
    });
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await new Promise((listening) => server.once('listening', listening));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const program = (args: readonly string[], env: Readonly<Record<string, string>>): Promise<string> =>
  new Promise((done) => {
    const given = { PATH: process.env['PATH'] ?? '', NODE_COMPILE_CACHE: compileCache, ...env };
    execFile(process.execPath, [resolve('dist/tugboot.cjs'), ...args], { env: given }, (_error, out, err) =>
      done(out + err),
    );
  });

const logsIn = (directory: string): string =>
  readdirSync(directory)
    .filter((name) => name.endsWith('.log'))
    .map((name) => readFileSync(join(directory, name), 'utf8'))
    .join('\n');

async function storedIn(url: string): Promise<string> {
  const redis = new Redis(url);
  const keys = await redis.keys('*');
  const dumps = await Promise.all(keys.map((key) => redis.dumpBuffer(key)));
  redis.disconnect();
  return [...keys, ...dumps.map((dump) => dump?.toString('latin1') ?? '')].join('\n');
}

async function clusterText(environment: DemoStage): Promise<string> {
  const paths = [
    '/apis/tugboot.dev/v1alpha1/reboots',
    '/apis/tugboot.dev/v1alpha1/nodeagents',
    '/api/v1/nodes',
    '/api/v1/configmaps',
    '/api/v1/namespaces/tugboot/configmaps',
    '/api/v1/namespaces/default/events',
    '/api/v1/namespaces/tugboot/events',
  ];
  const answers = await Promise.all(paths.map((path) => environment.kube('GET', path).catch(() => ({}))));
  return JSON.stringify(answers);
}

/** What Slack sends with each payload, and what would let others act as the app. */
function slackSecrets({ slack }: DemoStage): readonly string[] {
  const frames = JSON.stringify(slack.frames());
  const found = [...frames.matchAll(/\\?"(?:response_url|trigger_id|token)\\?":\\?"([^"\\]{8,})/g)];
  return [slack.botToken, slack.appToken, ...found.map(([, secret = '']) => secret)];
}

const kubeToken = ({ directory }: DemoStage): string =>
  /"token":"([^"]+)"/.exec(readFileSync(join(directory, 'bot.kubeconfig'), 'utf8'))?.[1] ?? '';

describeWith('no secret', { lack: lackOf('redis-server') }, () => {
  it('of any input is in what the programs put out', async () => {
    const queue = await lockedRedis();
    const [refusing, failing] = [await parrot(409), await parrot(500)];
    const files = join(process.env['TMPDIR'] ?? '/tmp', `tugboot-canaries-${process.pid}`);
    for (const [name, secret] of Object.entries(canaries)) writeFileSync(`${files}-${name}`, `${secret}\n`);
    const gates = {
      prometheus: [{ name: 'prod', url: failing, bearerTokenFile: `${files}-bearer` }],
      webhook: { url: refusing, secretFile: `${files}-signing`, bearerTokenFile: `${files}-bearer` },
    };
    const silence = {
      url: refusing,
      basic: { username: 'tugboot', passwordFile: `${files}-basic` },
      matchers: ['node="{node}"'],
    };
    const calendar = (secret: string): object => ({
      name: 'freeze',
      url: `${failing}/${secret}.ics`,
      plainHttp: true,
    });
    const pools = [
      {
        ...workers,
        name: 'first',
        selector: 'kubernetes.io/hostname=worker-1',
        gates,
        windows: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], start: '00:00', end: '00:00' }],
        calendars: ['freeze'],
      },
      { ...workers, hooks: { silence, before: { ...gates.webhook, onFailure: 'continue', timeout: '10s' } } },
    ];
    const config = { calendars: [calendar(canaries.oldCalendar)] };
    await inDemoEnvironmentWith({ REDIS_URL: queue, LOG_LEVEL: 'debug' })(
      { pools, config, programs: 'bundled' },
      async (environment) => {
        await environment.press('mia', await environment.upgrade('worker-1'), 'Approve now');
        await environment.press('mia', await environment.upgrade('worker-2'), 'Approve now');
        environment.configure({
          cluster: 'story',
          approvers: 'channel',
          pools,
          calendars: [calendar(canaries.calendar)],
        });
        await environment.card('worker-1', /says no|cannot say|not with/);
        await environment.card('worker-2', /✓/);
        await environment.eventually('the new calendar is asked', () =>
          logsIn(environment.directory).includes('configuration taken'),
        );
        await environment.slack
          .as(environment.slack.users.mia)
          .command('/reboot why worker-1')
          .catch(() => undefined);
        const env = {
          KUBECONFIG: join(environment.directory, 'bot.kubeconfig'),
          TUGBOOT_CONFIG: join(environment.directory, 'tugboot.yaml'),
          SLACK_BOT_TOKEN: environment.slack.botToken,
          SLACK_APP_TOKEN: environment.slack.appToken,
          SLACK_API_URL: environment.slack.apiUrl,
          REDIS_URL: queue,
        };
        const outputs = {
          logs: logsIn(environment.directory),
          metrics: await opsPage(environment, '/metrics'),
          readyz: await opsPage(environment, '/readyz'),
          slack:
            JSON.stringify(environment.slack.messages()) +
            JSON.stringify(environment.slack.ephemerals(environment.slack.users.mia)),
          cluster: await clusterText(environment),
          queue: await storedIn(queue),
          doctor: (await program(['doctor'], env)) + (await program(['doctor', '--json'], env)),
          wrongPassword: await program(['doctor'], {
            ...env,
            REDIS_URL: queue.replace(canaries.queue, canaries.basic),
          }),
          checkConfig: await program(['check-config', '--env', env.TUGBOOT_CONFIG], env),
          swapped: await program(['serve'], {
            ...env,
            SLACK_BOT_TOKEN: env.SLACK_APP_TOKEN,
            REDIS_URL: canaries.queue,
          }),
        };
        for (const [output, text] of Object.entries(outputs)) expect(text.length, output).toBeGreaterThan(10);
        const secrets = [...Object.values(canaries), ...slackSecrets(environment), kubeToken(environment)];
        expect(secrets.length).toBeGreaterThan(12);
        const leaks = Object.entries(outputs).flatMap(([output, text]) =>
          secrets
            .filter(
              (secret) => text.includes(secret) || text.includes(Buffer.from(secret).toString('base64')),
            )
            .map((secret) => `${output}: ${secret}`),
        );
        expect(leaks).toEqual([]);
      },
    )();
  });
});
