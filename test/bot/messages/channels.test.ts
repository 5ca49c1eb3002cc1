import { describe, expect, it, onTestFinished } from 'vitest';
import { createChannels, type Channels } from '../../../src/bot/messages/channels.ts';
import { createGateway } from '../../../src/bot/connection/gateway.ts';
import { minute } from '../../../src/reboot/time/time.ts';
import { keepingLogger } from '../../k8s/world/api.ts';
import { createRecorder, type Recorder } from '../recorder.ts';
import { type FakeClock, fakeClock } from '../../fakes/fake-clock.ts';

interface Bench {
  readonly time: FakeClock;
  readonly slack: Recorder;
  readonly channels: Channels;
  readonly named: string[];
  /** What conversations.info says of every channel. */
  readonly info: Record<string, unknown>;
  /** The log so far, one text for each line. */
  readonly log: () => readonly string[];
}

/** A bot's look at channel C1, as it begins. */
async function looking(
  info: Record<string, unknown> = {},
  prepare?: (slack: Recorder) => void,
): Promise<Bench> {
  const time = fakeClock();
  const slack = createRecorder(time);
  const stop = new AbortController();
  const { signal } = stop;
  const logger = keepingLogger();
  const named = ['C1'];
  const known: Record<string, unknown> = {
    is_member: true,
    is_archived: false,
    is_ext_shared: false,
    ...info,
  };
  slack.answer('conversations.info', () => ({ ok: true, channel: { ...known } }));
  prepare?.(slack);
  const gateway = createGateway({ api: slack, clock: time, sleep: time.sleep, random: () => 0.5, signal });
  const channels = createChannels({ gateway, sleep: time.sleep, logger, signal, channels: () => named });
  const watching = channels.watch();
  onTestFinished(async () => {
    stop.abort();
    await watching;
  });
  await time.settle();
  const log = (): readonly string[] =>
    logger.lines.map(({ level, message, fields }) => `${level} ${message} ${JSON.stringify(fields)}`);
  return { time, slack, channels, named, info: known, log };
}

describe('the channels of the policy', () => {
  it('are looked at once when they are fine, and nothing is said', async () => {
    const { channels, slack, time, log } = await looking();
    expect(channels.health()).toEqual({ ok: true });
    await time.pass(60 * minute);
    expect(slack.of('conversations.info').map(({ args }) => args)).toEqual([{ channel: 'C1' }]);
    expect(log()).toEqual([]);
  });

  it('are looked at once each, however many pools share them, and when the policy names a new one', async () => {
    const { named, slack, time } = await looking();
    named.push('C1', 'C2', 'C2');
    await time.pass(60 * minute);
    expect(slack.of('conversations.info').map(({ args }) => args['channel'])).toEqual(['C1', 'C2']);
  });

  it.each([
    ['the app is not in', { is_member: false }, /not in channel C1.*invite the app with \/invite/],
    ['is archived', { is_archived: true, is_member: false }, /C1 is archived.*Unarchive it/],
  ])('one that %s is told once, with the fix, until it is mended', async (_what, info, sentence) => {
    const bench = await looking(info);
    expect(bench.channels.health()).toEqual({
      ok: false,
      flaw: true,
      why: expect.stringMatching(sentence) as string,
    });
    await bench.time.pass(20 * minute);
    expect(bench.log()).toEqual([expect.stringMatching(/^error channel cannot be used .*"C1"/)]);
    expect(bench.log()[0]).toMatch(sentence);
    Object.assign(bench.info, { is_member: true, is_archived: false });
    await bench.time.pass(3 * minute);
    expect(bench.channels.health()).toEqual({ ok: true });
    expect(bench.log()).toHaveLength(2);
    expect(bench.log()[1]).toMatch(/^info channel can be used now/);
    const looks = bench.slack.of('conversations.info').length;
    await bench.time.pass(60 * minute);
    expect(bench.slack.of('conversations.info')).toHaveLength(looks);
  });

  it('one that Slack does not know is told with the fix', async () => {
    const { channels, log } = await looking({}, (slack) =>
      slack.fail('conversations.info', { error: 'channel_not_found' }),
    );
    expect(channels.health().why).toMatch(/no channel C1, or it is private.*\/invite/);
    expect(log()).toHaveLength(1);
  });

  it('one that the policy no longer names is no trouble any more', async () => {
    const { channels, named, time } = await looking({ is_member: false });
    named.splice(0, 1, 'C2');
    expect(channels.health().ok).toBe(false);
    await time.pass(3 * minute);
    expect(channels.health().why).not.toContain('C1');
    named.splice(0);
    await time.pass(3 * minute);
    expect(channels.health()).toEqual({ ok: true });
  });

  it('one that is shared with other organisations is fine, and worth a warning', async () => {
    const { channels, log, time } = await looking({ is_ext_shared: true });
    await time.pass(20 * minute);
    expect(channels.health()).toEqual({ ok: true });
    expect(log()).toEqual([expect.stringMatching(/^warn channel is shared with other organisations .*"C1"/)]);
  });

  it('are not called wrong when Slack cannot say, and are looked at again', async () => {
    const { channels, slack, log, time } = await looking({ is_member: false }, (recorder) =>
      recorder.fail('conversations.info', ...Array.from({ length: 6 }, () => 'unreachable' as const)),
    );
    await time.pass(2 * minute);
    expect(channels.health()).toEqual({ ok: true });
    expect(log().filter((line) => !line.startsWith('debug'))).toEqual([]);
    await time.pass(3 * minute);
    expect(slack.of('conversations.info').length).toBeGreaterThan(6);
    expect(channels.health().ok).toBe(false);
  });

  it('are told of in the log, once, when the app may not look at them', async () => {
    const { channels, log, time } = await looking({}, (slack) =>
      slack.fail('conversations.info', { error: 'missing_scope' }, { error: 'missing_scope' }),
    );
    await time.pass(4 * minute);
    expect(channels.health()).toEqual({ ok: true });
    const loud = log().filter((line) => !line.startsWith('debug'));
    expect(loud).toEqual([expect.stringMatching(/^warn channel cannot be looked at .*"C1"/)]);
  });
});
