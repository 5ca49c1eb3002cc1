/** The bot without its periodic resync: what must continue at once may not depend on it. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { sleep } from '../../src/ops/sleep.ts';
import { readRegularFile } from '../../src/read-file.ts';
import { serve } from '../../src/lifecycle/compose-bot.ts';
import { silentLogger } from '../fakes/silent-logger.ts';
import { redisOn } from '../jobs/redis-pair.ts';
import { describeWith } from '../needs/describe-with.ts';
import { lackOf } from '../needs/programs.ts';
import { type DemoStage, inDemoEnvironment } from './demo-stage.ts';

/** `serve` in this process, without periodic work. */
function serveWithoutScans({ directory, slack, queue }: DemoStage): { stop(): Promise<void> } {
  const env = {
    KUBECONFIG: join(directory, 'bot.kubeconfig'),
    TUGBOOT_CONFIG: join(directory, 'tugboot.yaml'),
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_APP_TOKEN: slack.appToken,
    SLACK_API_URL: slack.apiUrl,
    REDIS_URL: queue.url,
    HEALTH_PORT: '0',
  };
  const readConfig = () => loadConfig({ env, readFile: readRegularFile });
  const stop = new AbortController();
  const ended = serve(
    readConfig(),
    {
      clock: { now: () => Date.now() },
      random: () => Math.random(),
      sleep,
      logger: silentLogger,
      onAudit: () => undefined,
      configWarnings: () => [],
      every: () => undefined,
      readConfig,
      onConfigTouched: () => undefined,
    },
    stop.signal,
  );
  return {
    stop: async () => {
      stop.abort();
      await ended;
    },
  };
}

describeWith('without the periodic scan', { lack: lackOf('redis-server') }, () => {
  it(
    'what was decided while Redis was away is begun when it is back',
    inDemoEnvironment({ bots: 0 }, async (environment) => {
      const { port } = new URL(environment.queue.url);
      const connected = environment.nextConnection();
      const bot = serveWithoutScans(environment);
      try {
        await connected;
        const card = await environment.upgrade('worker-1');
        await environment.queue.stop();
        await environment.press('mia', card, 'Approve now');
        await environment.whisper(
          'mia',
          /stored in the cluster, and carried out when the work queue is back/,
        );
        expect(environment.node('worker-1').cordoned).toBe(false);
        const redis = await redisOn(Number(port));
        try {
          await environment.until('worker-1 cordoned', () => environment.node('worker-1').cordoned);
        } finally {
          await bot.stop();
          await redis.stop();
        }
      } finally {
        await bot.stop();
      }
    }),
  );
});
