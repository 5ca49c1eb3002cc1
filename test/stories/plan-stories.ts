import { describe, expect, it } from 'vitest';
import { answered, why } from './commands.ts';
import type { DemoStage } from './demo-stage.ts';
import { budget, described, heldDrain, nodeOf, readyz, type Story, workers } from './story-environment.ts';

const five = [1, 2, 3, 4, 5].map((nth) => ({ name: `worker-${nth}`, controlPlane: false }));
const everyDay = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const always = { days: everyDay, start: '00:00', duration: '7d' };

/** A window that is closed now, at any time of day. */
function closed(): Record<string, unknown> {
  const hour = (new Date().getUTCHours() + 12) % 24;
  return { days: everyDay, start: `${String(hour).padStart(2, '0')}:00`, duration: '1h', timeZone: 'UTC' };
}

/** Decisions that do not depend on the kind of cluster: run in the demo only. */
export function planStories(story: Story<DemoStage>): void {
  describe('by its own rules it waits', () => {
    it(
      'for the second approval, where two are needed',
      story({ pools: [{ ...workers, approvalsNeeded: 2 }] }, async (environment) => {
        const card = await environment.upgrade('worker-1');
        await environment.press('mia', card, 'Approve now');
        await why(environment, 'worker-1', /It needs 1 more, beside @mia: 1 of 2\./);
        const asking = await environment.card('worker-1', /1 of 2/);
        // A second approval by the same person does not count.
        await environment.press('mia', asking, 'Approve now');
        expect(await environment.whisper('mia', /approved/i)).toMatch(/worker-1/);
        expect(environment.node('worker-1').cordoned).toBe(false);
        await environment.press('lee', asking, 'Approve now');
        const done = await environment.card('worker-1', /✓/);
        expect(JSON.stringify(done.blocks)).toMatch(/U0MIA.*U0LEE|U0LEE.*U0MIA/);
      }),
    );

    it(
      'for a new decision, when a kernel has come that nobody has seen: the difference is on the card',
      story({}, async (environment) => {
        await environment.slack.as(environment.slack.users.mia).command('/reboot pause workers');
        const card = await environment.upgrade('worker-1');
        await environment.press('mia', card, 'Approve now');
        await environment.card('worker-1', /Pool workers is paused/);
        await environment.world.aptUpgrade('worker-1');
        // The agent may read some files of the upgrade before the others are written: an approval of what it
        // has read until then would be refused.
        const news = ['The packages changed', 'linux-image-6.8.0-49-generic', 'libc6 2.39-0ubuntu8.4'];
        const lapsed = await environment.card('worker-1', (card) => {
          const shown = described(card);
          return news.every((each) => shown.includes(each));
        });
        expect(lapsed.ts).toBe(card.ts);
        await why(
          environment,
          'worker-1',
          /What was decided lapsed, because the packages changed \(new: .*6\.8\.0-49-generic/,
        );
        await environment.slack.as(environment.slack.users.mia).command('/reboot resume workers');
        await environment.press('lee', lapsed, 'Approve now');
        await environment.card('worker-1', /✓/);
      }),
    );

    it(
      'for the time between two reboots of a pool, and starts by itself when it is over',
      story({ pools: [{ ...workers, minTimeBetween: { pool: '60s' } }] }, async (environment) => {
        await environment.press('mia', await environment.upgrade('worker-1'), 'Approve now');
        await environment.card('worker-1', /✓/);
        await environment.press('mia', await environment.upgrade('worker-2'), 'Approve now');
        const words = /Reboots of pool workers are 1 min apart, and worker-1 was the last\./;
        await environment.card('worker-2', words);
        await why(environment, 'worker-2', words);
        expect(environment.node('worker-2').cordoned).toBe(false);
        await environment.card('worker-2', /✓/);
      }),
    );

    it(
      'for the rack that is out already, and starts when it is back',
      story(
        {
          nodes: five,
          config: { concurrency: 2 },
          pools: [{ ...workers, concurrency: 2, maxUnavailable: 3, topology: { label: 'rack', atOnce: 1 } }],
        },
        async (environment) => {
          const first = nodeOf(environment, 'db/pg-0');
          const other = first === 'worker-1' ? 'worker-2' : 'worker-1';
          for (const { name } of five) {
            const labels = { rack: name === first ? 'r1' : 'r2' };
            await environment.kube('PATCH', `/api/v1/nodes/${name}`, { metadata: { labels } });
          }
          await heldDrain(environment);
          await environment.press('lee', await environment.upgrade(other), 'Approve now');
          const words = /Pool workers has nodes of 1 zone out at once, by rack: \S+ \(r1\) is draining\./;
          await environment.card(other, words);
          await why(environment, other, words);
          expect(environment.node(other).cordoned).toBe(false);
          await budget(environment, 1);
          await environment.card(other, /✓/);
        },
      ),
    );

    it(
      'for a person, when a node asks again right after its boot: no rule reboots it in a loop',
      story(
        { pools: [{ ...workers, approval: 'auto', notice: '1s', loopGuard: '1h' }] },
        async (environment) => {
          await environment.upgrade('worker-1');
          await environment.card('worker-1', /✓/);
          const boot = environment.bootId('worker-1');
          await environment.world.aptUpgrade('worker-1');
          const words = /worker-1 asked again .* after its last reboot, so no rule may start it\./;
          const card = await environment.card('worker-1', words);
          await why(environment, 'worker-1', words);
          expect(environment.bootId('worker-1')).toBe(boot);
          await environment.press('mia', card, 'Approve now');
          await environment.until('booted again', () => environment.bootId('worker-1') !== boot);
          await environment.card('worker-1', /✓/);
        },
      ),
    );

    it(
      'behind the others, when its drain was stuck for too long and somebody else could go: its turn is given up, and comes again when somebody retries it',
      story(
        { nodes: five, pools: [{ ...workers, maxUnavailable: 3, giveUpTurnAfter: '6s' }] },
        async (environment) => {
          const { node: stuck } = await heldDrain(environment);
          const database = new Set(['db/pg-0', 'db/pg-1', 'db/pg-2'].map((pod) => nodeOf(environment, pod)));
          const free = five.find(({ name }) => !database.has(name))?.name ?? '';
          await environment.press('lee', await environment.upgrade(free), 'Approve now');
          await environment.card(free, /✓/);
          // This budget can never allow the eviction, so the card requires a person.
          const asks = await environment.card(stuck, /tugboot\.retry/);
          await budget(environment, 1);
          await environment.press('mia', asks, 'Retry');
          const done = await environment.card(stuck, /✓/);
          await environment.reply(
            done,
            /drain was undone: .*and others waited for its turn\. The node takes pods again/,
          );
        },
      ),
    );

    it(
      'for its next window, when the one it was approved for closes on its drain: what was begun is undone, and told',
      story({ pools: [{ ...workers, windows: [always], whenWindowCloses: 'undo' }] }, async (environment) => {
        await budget(environment, 3);
        const node = nodeOf(environment, 'db/pg-0');
        const card = await environment.upgrade(node);
        await environment.press('mia', card, 'Approve for this window');
        await environment.reply(card, /db\/pg/);
        expect(environment.node(node).cordoned).toBe(true);
        const pools = [{ ...workers, windows: [closed()], whenWindowCloses: 'undo' }];
        environment.configure({ cluster: 'story', approvers: 'channel', pools });
        await environment.reply(card, /drain was undone: its window closed before it was drained/);
        await environment.isFree(node);
        await why(environment, node, /Its window opens/);
      }),
    );
  });

  describe('a configuration that is replaced while the bot runs', () => {
    it(
      'is refused when it is wrong, told with its problem, and the gate before stays; a good one without that gate starts the node',
      story(
        { pools: [{ ...workers, gates: { blockingPods: ['app=ci'] } }], programs: 'bundled' },
        async (environment) => {
          const metadata = { name: 'build-7', labels: { app: 'ci' } };
          const spec = { nodeName: 'worker-1', containers: [{ name: 'main', image: 'pause' }] };
          const pod = { apiVersion: 'v1', kind: 'Pod', metadata, spec };
          await environment.kube('POST', '/api/v1/namespaces/default/pods', pod);
          await environment.press('mia', await environment.upgrade('worker-1'), 'Approve now');
          await environment.card('worker-1', /must not be disturbed: default\/build-7/);
          const config = { cluster: 'story', approvers: 'channel' };
          environment.configure({ ...config, pools: [{ ...workers, concurrency: 'many' }] });
          await answered(environment, 'status', /The configuration was changed, and refused.*concurrency/);
          await why(environment, 'worker-1', /must not be disturbed: default\/build-7/);
          expect(environment.node('worker-1').cordoned).toBe(false);
          const notices = (): readonly string[] =>
            environment.slack
              .messages()
              .map(({ text }) => text)
              .filter((text) => /configuration was changed, and refused/.test(text));
          await environment.eventually('the notice', () => notices().length > 0);
          const events = await environment.kube('GET', '/api/v1/events');
          expect(JSON.stringify(events)).toMatch(/"reason":"ConfigurationRefused"/);
          expect(await readyz(environment)).toMatch(
            /^degraded configuration: refused, .*pools\[0\]\.concurrency/m,
          );
          environment.configure({ ...config, pools: [workers] });
          await environment.until('cordoned', () => environment.node('worker-1').cordoned);
          expect(await readyz(environment)).toMatch(/^ok configuration$/m);
          expect(notices()).toHaveLength(1);
        },
      ),
    );

    it(
      'gives the next node its turn when it allows more of them at once',
      story({ nodes: five, pools: [{ ...workers, maxUnavailable: 3 }] }, async (environment) => {
        const { node } = await heldDrain(environment);
        const database = new Set(['db/pg-0', 'db/pg-1', 'db/pg-2'].map((pod) => nodeOf(environment, pod)));
        const other = five.find(({ name }) => !database.has(name))?.name ?? '';
        await environment.press('lee', await environment.upgrade(other), 'Approve now');
        await environment.card(other, new RegExp(`${node} has the one turn of pool workers`));
        const pools = [{ ...workers, maxUnavailable: 3, concurrency: 2 }];
        environment.configure({ cluster: 'story', approvers: 'channel', concurrency: 2, pools });
        await environment.card(other, /✓/);
        expect(environment.node(node).cordoned).toBe(true);
      }),
    );
  });
}
