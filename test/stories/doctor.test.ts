/** `tugboot doctor` by the real program, in the demo's environment. */
import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { expect, it } from 'vitest';
import { describeWith } from '../needs/describe-with.ts';
import { lackOf } from '../needs/programs.ts';
import { type DemoStage, inDemoEnvironment } from './demo-stage.ts';
import { patience } from './story-environment.ts';
import { compileCache } from './warm-programs.ts';

interface Run {
  readonly code: number;
  readonly said: string;
}

const doctor = (
  { directory, slack, queue }: DemoStage,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<Run> =>
  new Promise((done) => {
    const given = {
      PATH: process.env['PATH'],
      NODE_COMPILE_CACHE: compileCache,
      KUBECONFIG: join(directory, 'bot.kubeconfig'),
      TUGBOOT_CONFIG: join(directory, 'tugboot.yaml'),
      SLACK_BOT_TOKEN: slack.botToken,
      SLACK_APP_TOKEN: slack.appToken,
      SLACK_API_URL: slack.apiUrl,
      REDIS_URL: queue.url,
      ...env,
    };
    execFile(
      process.execPath,
      [resolve('dist/tugboot.cjs'), 'doctor', ...args],
      { env: given },
      (error, stdout, stderr) => {
        done({ code: error === null ? 0 : Number(error.code), said: stdout + stderr });
      },
    );
  });

describeWith('tugboot doctor', { lack: lackOf('redis-server') }, () => {
  it(
    'finds nothing to mend but the policies that the demo has not, in words and as JSON',
    inDemoEnvironment({ programs: 'bundled' }, async (environment) => {
      await environment.eventually('all agents have reported', async () =>
        (await doctor(environment)).said.includes('agents have reported'),
      );
      const { code, said } = await doctor(environment);
      expect(said).toMatch(/^OK {6}rights: The bot has its \d+ rights\.$/m);
      expect(said).toMatch(/^OK {6}slack channels: The bot is in channel C0REBOOTS\.$/m);
      expect(said).toMatch(/^WARNING admission: /m);
      expect(said).toMatch(/\n\n16 ok, 1 warnings, 0 errors\n$/);
      expect(code).toBe(0);
      expect((await doctor(environment, ['--strict'])).code).toBe(1);
      const short = await environment.slack
        .as(environment.slack.users.mia)
        .command('/reboot doctor', { timeoutMs: patience });
      expect(JSON.stringify(short)).toContain('0 errors, 1 warning');
      const lines = (await doctor(environment, ['--json'])).said.trim().split('\n');
      const checks = lines.map((line) => JSON.parse(line) as { readonly check: string });
      expect(checks.map(({ check }) => check)).toContain('slack app token');
    }),
  );

  it(
    'goes on after what fails, says what to do about it, and shows no secret',
    inDemoEnvironment({ bots: 0 }, async (environment) => {
      await environment.queue.stop();
      const secret = 'xoxb-hunter2-hunter2';
      const { code, said } = await doctor(environment, [], { SLACK_BOT_TOKEN: secret });
      expect(said).toMatch(/^ERROR {3}queue: It could not be checked: Redis cannot be reached/m);
      expect(said).toMatch(
        /^ERROR {3}slack bot token: Slack refuses SLACK_BOT_TOKEN \(invalid_auth\)\.\n {8}→ Take/m,
      );
      expect(said).toMatch(/^OK {6}slack app token/m);
      expect(said).not.toContain('hunter2');
      expect(code).toBe(1);
    }),
  );

  it(
    'says what is wrong with a configuration, and examines nothing',
    inDemoEnvironment({ bots: 0 }, async (environment) => {
      const { code, said } = await doctor(environment, [], { SLACK_APP_TOKEN: 'nonsense' });
      expect(said).toContain('SLACK_APP_TOKEN: ');
      expect(code).toBe(2);
    }),
  );
});
