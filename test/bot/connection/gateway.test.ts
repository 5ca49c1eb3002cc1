import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { message } from '../../../src/bot/blocks/blocks.ts';
import { say } from '../../../src/bot/blocks/escape.ts';
import { createGateway, type Gateway, type Urgency } from '../../../src/bot/connection/gateway.ts';
import { PortError } from '../../../src/reboot/ports/port-error.ts';
import { createRecorder, type Fault, type Recorder } from '../recorder.ts';
import { type FakeClock, fakeClock } from '../../fakes/fake-clock.ts';
import { outcomeCounts } from '../../property-runs.ts';

interface Bench {
  readonly time: FakeClock;
  readonly slack: Recorder;
  readonly gateway: Gateway;
  readonly stop: () => void;
}

function bench(): Bench {
  const time = fakeClock();
  const slack = createRecorder(time);
  const stopping = new AbortController();
  const gateway = createGateway({
    api: slack,
    clock: time,
    sleep: time.sleep,
    random: () => 0.5,
    signal: stopping.signal,
  });
  return { time, slack, gateway, stop: () => stopping.abort() };
}

const metadata = { event_type: 'test', event_payload: {} };
const saying = (text: string) => message(say`${text}`, []);
const posting = (gateway: Gateway, text: string, channel = 'C1', urgency: Urgency = 'phase') =>
  gateway.post({ channel, view: saying(text), metadata, urgency });

const urgencies = fc.constantFrom<Urgency>('decision', 'phase', 'progress');
const faults = fc.constantFrom<Fault>({ retryAfter: 1 }, { retryAfter: 7 }, 'unreachable', {
  error: 'internal_error',
});

describe('posts', () => {
  it('never exceed one per second and channel, and none is lost', async () => {
    const post = fc.record({ channel: fc.constantFrom('C1', 'C2'), after: fc.nat(3000), urgency: urgencies });
    const met = outcomeCounts<'behind another'>();
    await fc.assert(
      fc.asyncProperty(fc.array(post, { maxLength: 25 }), async (posts) => {
        const { time, slack, gateway } = bench();
        const sent: Promise<unknown>[] = [];
        for (const [index, { channel, after, urgency }] of posts.entries()) {
          sent.push(posting(gateway, `${index}`, channel, urgency));
          await time.pass(after);
        }
        await time.until(Promise.all(sent));
        expect(slack.messages.size).toBe(posts.length);
        for (const channel of ['C1', 'C2']) {
          const times = slack.calls.filter((call) => call.args['channel'] === channel).map((call) => call.at);
          for (const [index, at] of times.entries()) {
            met.saw('behind another', index > 0 && at - (times[index - 1] ?? 0) < 2000);
            if (index > 0) expect(at - (times[index - 1] ?? 0)).toBeGreaterThanOrEqual(1000);
          }
        }
      }),
      { numRuns: 60 },
    );
    met.atLeast({ 'behind another': 60 });
  });

  it('go out at once when the channel was quiet', async () => {
    const { time, slack, gateway } = bench();
    const sent = posting(gateway, 'a');
    await time.settle();
    expect(slack.of('chat.postMessage')).toHaveLength(1);
    await sent;
  });

  it('of one channel do not wait for those of another', async () => {
    const { time, slack, gateway } = bench();
    const sent = [posting(gateway, 'a', 'C1'), posting(gateway, 'b', 'C1'), posting(gateway, 'c', 'C2')];
    await time.settle();
    expect(slack.calls.map((call) => call.args['channel'])).toEqual(['C1', 'C2']);
    await time.until(Promise.all(sent));
  });

  it('wait as long as Slack asks, and are then repeated: they did not happen', async () => {
    const { time, slack, gateway } = bench();
    slack.fail('chat.postMessage', { retryAfter: 30 });
    const sent = posting(gateway, 'a');
    await time.until(sent);
    const [first, second] = slack.of('chat.postMessage');
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(30_000);
    expect(slack.messages.size).toBe(1);
  });

  it('are never repeated when they may have happened', async () => {
    const { time, slack, gateway } = bench();
    slack.fail('chat.postMessage', 'lost');
    await expect(time.until(posting(gateway, 'a'))).rejects.toMatchObject({
      code: 'chat-unreachable',
      retryable: true,
    });
    expect(slack.of('chat.postMessage')).toHaveLength(1);
  });

  it('of a failure overtake the cards that wait, which keep their order', async () => {
    const { time, slack, gateway } = bench();
    const sent = Array.from({ length: 60 }, (_, index) => posting(gateway, `card ${index}`));
    await time.pass(10_000);
    const asked = time.now();
    await time.until(posting(gateway, 'failed', 'C1', 'decision'));
    expect(time.now() - asked).toBeLessThan(2500);
    await time.until(Promise.all(sent));
    const cards = [...slack.messages.values()].map(({ text }) => text).filter((text) => text !== 'failed');
    expect(cards).toEqual(Array.from({ length: 60 }, (_, index) => `card ${index}`));
  });

  it('that Slack refuses fail with the scope that is missing', async () => {
    const { time, slack, gateway } = bench();
    slack.fail('chat.postMessage', { error: 'channel_not_found' });
    const failure = await time.until(posting(gateway, 'a')).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(PortError);
    expect(failure).toMatchObject({ code: 'chat-refused', retryable: false });
    expect(String(failure)).toContain('channel_not_found');
  });
});

describe('edits', () => {
  const editing = (gateway: Gateway, ts: string, text: string, urgency: Urgency) =>
    gateway.update({ ref: { channel: 'C1', ts }, view: saying(text), urgency });

  async function twoMessages({ time, gateway }: Bench): Promise<string[]> {
    const sent = await time.until(Promise.all([posting(gateway, 'a'), posting(gateway, 'b')]));
    return sent.map((ref) => ref.ts);
  }

  it('always leave the state that was given last, in spite of rate limits and failures', async () => {
    const edit = fc.record({ message: fc.nat(1), after: fc.nat(2500), urgency: urgencies });
    await fc.assert(
      fc.asyncProperty(
        fc.array(edit, { minLength: 1, maxLength: 40 }),
        fc.array(faults, { maxLength: 4 }),
        async (edits, bad) => {
          const all = bench();
          const { time, slack, gateway } = all;
          const refs = await twoMessages(all);
          slack.fail('chat.update', ...bad);
          const last = new Map<string, string>();
          const done: Promise<unknown>[] = [];
          for (const [index, { message: chosen, after, urgency }] of edits.entries()) {
            const ts = refs[chosen] ?? '';
            last.set(ts, `state ${index}`);
            done.push(editing(gateway, ts, `state ${index}`, urgency));
            await time.pass(after);
          }
          const results = await time.until(Promise.all(done));
          for (const [ts, text] of last) expect(slack.messages.get(ts)?.text).toBe(text);
          expect(results.at(-1)).toBe('updated');
        },
      ),
      { numRuns: 60 },
    );
  });

  it('keep to the tier: at most 50 in any minute', async () => {
    const all = bench();
    const { time, slack, gateway } = all;
    const [ts = ''] = await twoMessages(all);
    for (let index = 0; index < 1200; index += 1) {
      editing(gateway, ts, `${index}`, 'progress').catch(() => undefined);
      await time.pass(100);
    }
    const times = slack.of('chat.update').map((call) => call.at);
    for (const at of times)
      expect(times.filter((other) => other >= at && other < at + 60_000).length).toBeLessThanOrEqual(50);
    expect(times.length).toBeGreaterThan(60);
  });

  it('of what a person decided overtake waiting progress', async () => {
    const all = bench();
    const { time, slack, gateway } = all;
    const refs = await twoMessages(all);
    const [decided = ''] = refs;
    const progress = Array.from({ length: 12 }, (_, index) =>
      gateway.update({
        ref: { channel: 'C1', ts: `missing ${index}` },
        view: saying('p'),
        urgency: 'progress',
      }),
    );
    await time.settle();
    const decision = editing(gateway, decided, 'approved', 'decision');
    const asked = time.now();
    await time.until(decision);
    expect((slack.of('chat.update').at(-1)?.at ?? 0) - asked).toBeLessThan(500);
    await time.until(Promise.all(progress));
  });

  it('of a failure do not wait behind three hundred others, and of the others the newest goes first', async () => {
    const all = bench();
    const { time, slack, gateway } = all;
    const [failed = ''] = await twoMessages(all);
    const edit = (index: number, urgency: Urgency): Promise<unknown> =>
      gateway.update({ ref: { channel: 'C1', ts: `card ${index}` }, view: saying('p'), urgency });
    const others = Array.from({ length: 300 }, (_, index) =>
      edit(index, index % 2 === 0 ? 'phase' : 'progress'),
    );
    // All of them are late by now.
    await time.pass(30_000);
    const asked = time.now();
    const newest = edit(300, 'phase');
    await time.until(editing(gateway, failed, 'failed', 'decision'));
    expect(time.now() - asked).toBeLessThan(500);
    await time.until(newest);
    expect(time.now() - asked).toBeLessThan(5000);
    await time.until(Promise.all(others));
    expect(slack.of('chat.update')).toHaveLength(302);
  });

  it('of progress are not starved by decisions', async () => {
    const all = bench();
    const { time, slack, gateway } = all;
    const [one = ''] = await twoMessages(all);
    const done: Promise<unknown>[] = [];
    const busy = (index: number): Promise<unknown> =>
      gateway.update({
        ref: { channel: 'C1', ts: `other ${index}` },
        view: saying('d'),
        urgency: 'decision',
      });
    for (let index = 1000; index < 1010; index += 1) done.push(busy(index));
    await time.settle();
    const asked = time.now();
    let shownAfter = Infinity;
    void editing(gateway, one, 'progress', 'progress').then(() => (shownAfter = time.now() - asked));
    for (let index = 0; index < 60; index += 1) {
      done.push(busy(index));
      await time.pass(1000);
    }
    await time.until(Promise.all(done));
    expect(shownAfter).toBeLessThan(30_000);
    expect(slack.messages.get(one)?.text).toBe('progress');
  });

  it('keep their place when a newer state of the same message replaces them', async () => {
    const all = bench();
    const { time, slack, gateway } = all;
    const [one = ''] = await twoMessages(all);
    const busy = (index: number): Promise<unknown> =>
      gateway.update({
        ref: { channel: 'C1', ts: `other ${index}` },
        view: saying('d'),
        urgency: 'decision',
      });
    const done = Array.from({ length: 10 }, (_, index) => busy(index));
    await time.settle();
    for (let index = 0; index < 60; index += 1) {
      done.push(busy(100 + index), editing(gateway, one, `progress ${index}`, 'progress'));
      await time.pass(1000);
    }
    expect(slack.messages.get(one)?.text).toMatch(/^progress/);
    await time.until(Promise.all(done));
  });

  it('never run side by side on one message', async () => {
    const all = bench();
    const { time, slack, gateway } = all;
    const [ts = ''] = await twoMessages(all);
    const release = slack.hold('chat.update');
    const first = editing(gateway, ts, 'one', 'decision');
    const second = editing(gateway, ts, 'two', 'decision');
    const third = editing(gateway, ts, 'three', 'decision');
    await time.settle();
    expect(slack.of('chat.update')).toHaveLength(1);
    release();
    expect(await time.until(Promise.all([first, second, third]))).toEqual([
      'updated',
      'superseded',
      'updated',
    ]);
    expect(slack.messages.get(ts)?.text).toBe('three');
  });

  it('that Slack put off are not sent any more once there is a newer one', async () => {
    const all = bench();
    const { time, slack, gateway } = all;
    const [ts = ''] = await twoMessages(all);
    slack.fail('chat.update', { retryAfter: 20 });
    const release = slack.hold('chat.update');
    const first = editing(gateway, ts, 'one', 'decision');
    await time.settle();
    const second = editing(gateway, ts, 'two', 'decision');
    await time.settle();
    release();
    expect(await time.until(Promise.all([first, second]))).toEqual(['superseded', 'updated']);
    expect(slack.of('chat.update').map((call) => call.args['text'])).toEqual(['one', 'two']);
  });

  it('tell that the message is gone', async () => {
    const { time, gateway } = bench();
    expect(await time.until(editing(gateway, '1.1', 'x', 'decision'))).toBe('missing');
  });
});

describe('stopping', () => {
  it('rejects what waits, as something that may be tried again', async () => {
    const { time, gateway, stop } = bench();
    const sent = [posting(gateway, 'a'), posting(gateway, 'b')];
    await time.settle();
    stop();
    await sent[0];
    await expect(sent[1]).rejects.toMatchObject({ code: 'chat-unreachable', retryable: true });
    await expect(posting(gateway, 'c')).rejects.toMatchObject({ code: 'chat-unreachable' });
  });
});

describe('the text of a message', () => {
  it('is searched for neither links nor names, posted, edited or whispered', async () => {
    const { time, slack, gateway } = bench();
    const view = saying('worker-3.example.com asks @here');
    const ref = await time.until(posting(gateway, 'first'));
    await time.until(gateway.update({ ref, view, urgency: 'decision' }));
    await time.until(gateway.postEphemeral({ channel: 'C1', user: 'U0MIA', view }));
    expect(slack.calls.map(({ method }) => method)).toEqual([
      'chat.postMessage',
      'chat.update',
      'chat.postEphemeral',
    ]);
    for (const { args } of slack.calls) expect(args).toMatchObject({ parse: 'none', link_names: false });
    expect(slack.calls[0]?.args).toMatchObject({ unfurl_links: false, unfurl_media: false });
  });
});
