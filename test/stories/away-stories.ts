import { describe, expect, it } from 'vitest';
import { redisOn } from '../jobs/redis-pair.ts';
import { describeWith } from '../needs/describe-with.ts';
import { lackOf } from '../needs/programs.ts';
import { ordersGiven, readyz, type Stage, type Story } from './story-environment.ts';

/** Bots that start while Slack or Redis is down: reboots under way continue, and nothing is lost. */
export function awayStories(story: Story): void {
  describe('a bot that starts', () => {
    it(
      'while Slack is away proves and uncordons a node, and shows it when Slack is back',
      story({ programs: 'bundled' }, async (environment) => {
        environment.kubelets.get('worker-1')?.failNextBoot('never-back');
        const card = await environment.upgrade('worker-1');
        await environment.press('mia', card, 'Approve now');
        await environment.card('worker-1', /is rebooting/);
        await environment.bots[0]?.kill();
        environment.slack.faults.add({ method: '*', times: 1_000_000, do: { status: 503 } });
        environment.bots.push(await environment.startBot());
        await environment.powerOn('worker-1');
        await environment.isFree('worker-1');
        expect(environment.slack.sockets()).toBe(0);
        environment.slack.faults.clear();
        const done = await environment.card('worker-1', /✓/);
        expect(done.ts).toBe(card.ts);
        expect(await ordersGiven(environment, 'worker-1')).toBe(1);
      }),
    );
  });

  describeWith('a bot that starts without its queue', { lack: lackOf('redis-server') }, () => {
    it(
      'while Redis is away stores a decision and says so, and carries it out when Redis is back',
      story({ programs: 'bundled' }, async (environment) => {
        const { port } = new URL(environment.queue.url);
        const card = await environment.upgrade('worker-1');
        await environment.bots[0]?.kill();
        await environment.queue.stop();
        await environment.anotherBot();
        await environment.press('mia', card, 'Approve now');
        await environment.whisper(
          'mia',
          /stored in the cluster, and carried out when the work queue is back/,
        );
        // The buttons are removed although no worker runs.
        await environment.card('worker-1', /Approved|approved/);
        expect(environment.node('worker-1').cordoned).toBe(false);
        const redis = await redisOn(Number(port));
        try {
          await environment.card('worker-1', /✓/);
          await environment.isFree('worker-1');
          expect(await ordersGiven(environment, 'worker-1')).toBe(1);
        } finally {
          await redis.stop();
        }
      }),
    );

    it(
      'or Slack says so in Events after a minute, and when they are back',
      story({ programs: 'bundled' }, async (environment) => {
        const { port } = new URL(environment.queue.url);
        await environment.bots[0]?.kill();
        await environment.queue.stop();
        environment.slack.faults.add({ method: '*', times: 1_000_000, do: { status: 503 } });
        environment.bots.push(await environment.startBot());
        const told = (reason: string): Promise<void> =>
          environment.eventually(`an Event ${reason}`, async () => (await events(environment)).has(reason));
        await Promise.all([told('SlackUnreachable'), told('QueueUnreachable')]);
        const away = await events(environment);
        expect(away.get('SlackUnreachable')).toMatch(
          /^Slack did not answer auth\.test\b.*What is under way goes on/,
        );
        expect(away.get('QueueUnreachable')).toMatch(
          /^Redis cannot be reached \(ECONNREFUSED\)\..* What is under way goes on/,
        );
        expect([...away.keys()].filter((reason) => reason.endsWith('Reachable'))).toEqual([]);
        // Ready all the same: it can finish what is under way.
        expect(await readyz(environment)).toMatch(
          /^ok cluster\ndegraded queue: Redis cannot .*\ndegraded slack: Slack did not /m,
        );

        environment.slack.faults.clear();
        const redis = await redisOn(Number(port));
        try {
          await Promise.all([told('SlackReachable'), told('QueueReachable')]);
          const back = await events(environment);
          expect(back.get('SlackReachable')).toMatch(/^It was away for \d/);
          expect(back.get('QueueReachable')).toMatch(/^It was away for \d/);
          expect(await readyz(environment)).toMatch(/^ok cluster\nok queue\nok slack\n/m);
        } finally {
          await redis.stop();
        }
      }),
    );
  });
}

/** The messages of the Events about the ledger, by reason. */
async function events(environment: Pick<Stage, 'kube'>): Promise<ReadonlyMap<string, string>> {
  const { items } = (await environment.kube('GET', '/api/v1/namespaces/tugboot/events')) as {
    items: { reason: string; message: string; involvedObject: { name: string } }[];
  };
  const ours = items.filter(({ involvedObject }) => involvedObject.name === 'tugboot-turns');
  return new Map(ours.map(({ reason, message }) => [reason, message]));
}
