/** The digest of a rollout: what it says, and that there is one of it. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeValue } from '../../../src/bot/payload/action-ids.ts';
import { createGateway } from '../../../src/bot/connection/gateway.ts';
import { createSlackChat } from '../../../src/bot/slack-chat.ts';
import { resumedAnswer } from '../../../src/bot/views/answers/pause-answers.ts';
import { rolloutDigest, rolloutLines } from '../../../src/bot/views/card/rollout-digest.ts';
import { statusAnswer } from '../../../src/bot/views/answers/status-answer.ts';
import type { Json } from '../../../demo/slack/json.ts';
import { checkBlocks } from '../../../demo/slack/validate/surfaces.ts';
import type { ChatRecord } from '../../../src/reboot/state/chat-record.ts';
import type { RolloutView } from '../../../src/reboot/rollout/rollout-facts.ts';
import { minute, second } from '../../../src/reboot/time/time.ts';
import { silentLogger } from '../../fakes/silent-logger.ts';
import { at, noon } from '../../fakes/builders.ts';
import { aCard, cardSucceeded } from '../fixtures/cards.ts';
import { hostile } from '../fixtures/hostile.ts';
import { createRecorder, type Told } from '../recorder.ts';
import { aRollout, rollouts } from '../fixtures/rollouts.ts';
import { fakeClock } from '../../fakes/fake-clock.ts';

const digest = (rollout: RolloutView) =>
  rolloutDigest({ cluster: 'prod-eu', leader: 'worker-01-4f1c9a', rollout });
const problems = (rollout: RolloutView) =>
  checkBlocks(JSON.parse(JSON.stringify(digest(rollout).blocks)) as Json, 'message');

describe('what the digest says', () => {
  it.each(Object.entries(rollouts))('is what is the case: %s', async (name, rollout) => {
    expect(problems(rollout)).toEqual([]);
    const shown = `${JSON.stringify(digest(rollout), null, 2)}\n`;
    await expect(shown).toMatchFileSnapshot(`../__screens__/rollout-${name}.json`);
  });

  it('is read by phones with pool, cluster and kernel', () => {
    const { text } = digest(aRollout());
    for (const word of ['workers', 'prod-eu', '0 of 20 nodes done', '6.8.0-49-generic'])
      expect(text).toContain(word);
  });

  it('offers to go on only when it is halted, for what was shown', () => {
    const offering = Object.entries(rollouts).flatMap(([name, rollout]) => {
      const value = /"value":"((?:[^"\\]|\\.)*)"/.exec(JSON.stringify(digest(rollout).blocks))?.[1];
      return value === undefined ? [] : [[name, decodeValue(JSON.parse(`"${value}"`) as string)]];
    });
    expect(offering).toEqual([
      [
        'halted',
        {
          ok: true,
          value: {
            cluster: 'prod-eu',
            reboot: 'worker-01-4f1c9a',
            node: 'workers',
            seen: rollouts['halted']?.halted?.seen,
          },
        },
      ],
    ]);
  });

  it('keeps Slack’s limits and lets nobody be mentioned, whatever nodes and workloads are called', () => {
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 1, maxLength: 30 }), (names) => {
        const sentence = `The rollout is halted: ${names.join('; ')}.`;
        const rollout = aRollout({
          kernel: names[0] ?? '',
          underWay: names.map((node) => ({ node, phase: 'Draining' })),
          waiting: names,
          undecided: names,
          failed: names,
          leftOut: names,
          halted: { code: 'rollout-halted', sentence, clears: sentence, seen: at(0) },
        });
        expect(problems(rollout)).toEqual([]);
        expect(JSON.stringify(digest(rollout).blocks)).not.toMatch(
          /<!(channel|here|subteam)|<@U0MIA>|<https/,
        );
      }),
    );
  });

  it('is what the status of its pool says', () => {
    const rollout = rollouts['halted'] ?? aRollout();
    const view = { cluster: 'prod-eu', nodes: 20, quiet: 0, rows: [], pauses: [], heardAt: noon, now: noon };
    const shown = JSON.stringify(statusAnswer({ ...view, rollouts: [rollout] }).blocks);
    for (const { mrkdwn } of rolloutLines(rollout))
      expect(shown).toContain(JSON.stringify(mrkdwn).slice(1, -1));
  });

  it('is accepted by name with an answer that says what was', () => {
    const answer = resumedAnswer(
      {
        halts: [],
        ok: true,
        scope: { kind: 'pool', pool: 'workers' },
        still: [],
        accepted: [
          'The rollout is halted: Deployment shop/cart has 1 of 3 pods ready; 3 were before w1 was rebooted.',
        ],
      },
      '/reboot',
    );
    expect(JSON.stringify(answer.blocks)).toContain(
      'Accepted as it is: Deployment shop/cart has 1 of 3 pods ready',
    );
  });
});

it('a pause that is lifted lets no halted rollout go on, and its answer says how to', () => {
  const sentence =
    'The rollout is halted: Deployment shop/cart has 1 of 3 pods ready; 3 were before w1 was rebooted.';
  const scope = { kind: 'pool', pool: 'workers' } as const;
  const answer = resumedAnswer({ ok: true, scope, still: [], accepted: [], halts: [sentence] }, '/reboot');
  expect(JSON.stringify(answer.blocks)).toContain(
    'But its rollout is halted: Deployment shop/cart has 1 of 3 pods ready; 3 were before w1 was rebooted. To accept that: `/reboot resume workers` once more.',
  );
});

describe('the message of a rollout', () => {
  const start = (slack = createRecorder(fakeClock()), time = fakeClock()) => {
    const signal = new AbortController().signal;
    const gateway = createGateway({ api: slack, clock: time, sleep: time.sleep, random: () => 0.5, signal });
    const chat = createSlackChat({ gateway, clock: time, sleep: time.sleep, logger: silentLogger, signal });
    return { slack, time, chat };
  };
  const bench = () => {
    const time = fakeClock();
    const world = start(createRecorder(time), time);
    let process = world;
    const records = new Map<string, ChatRecord>();
    return {
      ...world,
      records,
      /** As another process, which remembers nothing. */
      restart: () => {
        process = start(world.slack, time);
      },
      digests: (): readonly Told[] =>
        [...world.slack.messages.values()].filter(
          ({ text, threadTs }) => threadTs === undefined && text.includes('Rollout in pool'),
        ),
      show: (rollout: RolloutView | undefined, leader = 'worker-01-4f1c9a'): Promise<void> => {
        const chat: ChatRecord = records.get(leader) ?? { replies: {} };
        const data = aCard({ name: leader, state: cardSucceeded(), chat }, rollout ? { rollout } : {});
        return time.until(
          process.chat.show(data, async (record) => void records.set(leader, structuredClone(record))),
        );
      },
    };
  };

  it('is one beside the card, edited as it changes, and left alone when nothing does', async () => {
    const { slack, time, show, digests } = bench();
    await show(aRollout());
    await time.pass(minute);
    await show(aRollout({ done: 1, bakesUntil: noon + 30 * minute, underWay: [] }));
    expect(digests()).toHaveLength(1);
    expect(digests()[0]?.text).toContain('1 of 20 nodes done');
    const calls = slack.calls.length;
    await show(aRollout({ done: 1, bakesUntil: noon + 30 * minute, underWay: [] }));
    expect(slack.calls).toHaveLength(calls);
  });

  it('is not there for a Reboot that leads none', async () => {
    const { show, digests } = bench();
    await show(undefined);
    expect(digests()).toEqual([]);
  });

  it('says soon what nodes do, and at once that it is halted', async () => {
    const { time, slack, show, digests } = bench();
    await show(aRollout());
    const edits = (): number =>
      slack.of('chat.update').filter(({ args }) => args['ts'] === digests()[0]?.ts).length;
    await show(aRollout({ underWay: [{ node: 'worker-01', phase: 'Rebooting' }] }));
    expect(edits()).toBe(0);
    await time.pass(5 * second);
    expect(edits()).toBe(1);
    await show(rollouts['halted'] ?? aRollout());
    expect(edits()).toBe(2);
    expect(digests()[0]?.text).toContain('is halted');
  });

  it('has a reply that everybody sees when it is halted, once for each stage, no matter which Reboot leads it', async () => {
    const { slack, show, restart, digests } = bench();
    const halted = rollouts['halted'] ?? aRollout();
    const told = (): readonly Told[] => [...slack.messages.values()].filter(({ broadcast }) => broadcast);
    await show(aRollout());
    expect(told()).toEqual([]);
    await show(halted);
    await show({ ...halted, waiting: [] });
    restart();
    await show(halted, 'worker-02-aaaaaa');
    expect(told()).toMatchObject([
      {
        threadTs: digests()[0]?.ts,
        text: expect.stringMatching(
          /Rollout in pool workers is halted · prod-eu.*shop\/cart has 1 of 3 pods ready/s,
        ),
      },
    ]);
    expect(JSON.stringify(told()[0]?.blocks)).toContain('<!subteam^S0ONCALL>');
    await show({ ...halted, stage: 2 }, 'worker-02-aaaaaa');
    expect(told()).toHaveLength(2);
  });

  it('is taken over by the Reboot that leads the rollout next', async () => {
    const { show, restart, digests, records } = bench();
    await show(aRollout());
    restart();
    await show(aRollout({ done: 5 }), 'worker-02-aaaaaa');
    expect(digests()).toHaveLength(1);
    expect(digests()[0]?.text).toContain('5 of 20');
    expect(records.get('worker-02-aaaaaa')?.digest?.ts).toBe(digests()[0]?.ts);
  });

  it('is posted once, although nobody heard that it arrived', async () => {
    const { slack, time, show, restart, digests } = bench();
    await show(undefined);
    slack.fail('chat.postMessage', 'lost');
    await expect(show(aRollout())).rejects.toMatchObject({ code: 'chat-unreachable' });
    restart();
    await show(aRollout());
    await time.pass(minute);
    expect(digests()).toHaveLength(1);
  });

  it('is another one for another rollout that the same Reboot comes to lead', async () => {
    const { show, digests } = bench();
    await show(aRollout());
    await show(aRollout({ target: '6.8.0-50-generic', kernel: '6.8.0-50-generic' }));
    expect(digests().map(({ text }) => /6\.8\.0-\d+/.exec(text)?.[0])).toEqual(['6.8.0-49', '6.8.0-50']);
  });

  it('is posted anew when somebody deleted it', async () => {
    const { slack, time, show, digests } = bench();
    await show(aRollout());
    slack.delete(digests()[0]?.ts ?? '');
    await time.pass(minute);
    await show(aRollout({ done: 3 }));
    expect(digests()).toHaveLength(1);
    expect(digests()[0]?.text).toContain('3 of 20');
  });

  it('outlives its leader’s card, which somebody deleted', async () => {
    const { slack, time, show, digests, records } = bench();
    await show(aRollout());
    slack.delete(records.get('worker-01-4f1c9a')?.card?.ts ?? '');
    await time.pass(minute);
    records.set('worker-01-4f1c9a', {
      ...records.get('worker-01-4f1c9a'),
      replies: {},
      card: { channel: 'C0REBOOTS', ts: '1.000001', hash: '' },
    });
    await show(aRollout({ done: 2 }));
    expect(digests()).toHaveLength(1);
  });
});
