/** The contract of Chat, for every implementation. */
import { describe, expect, it } from 'vitest';
import type { CardData } from '../../src/reboot/card/card-facts.ts';
import type { Chat } from '../../src/reboot/ports/chat.ts';
import type { UnknownSignalNotice, Notice } from '../../src/reboot/nodes/node-note.ts';
import type { ChatRecord } from '../../src/reboot/state/chat-record.ts';
import type { Reboot } from '../../src/reboot/state/reboot.ts';
import type { Instant } from '../../src/reboot/time/time.ts';

export interface ChatBench {
  readonly chat: Chat;
  /** A card of the given Reboot, in a channel that exists. */
  data(reboot: Partial<Reboot>): CardData;
  /** The messages of the channel without replies, oldest first, as text. */
  cards(): readonly string[];
  /** The replies to the only card, oldest first, as text. */
  replies(): readonly string[];
  /** The time of the chat's clock. */
  now(): Instant;
  /** Waits for work, and advances a fake clock meanwhile. */
  run<T>(work: Promise<T>): Promise<T>;
  /** A new process with the same channel and no state. */
  restart(): ChatBench | Promise<ChatBench>;
  deleteCard(): void | Promise<void>;
  /** The next post arrives, and its response is lost. */
  loseNextAnswer(): void;
  close(): Promise<void>;
}

export interface ChatStates {
  readonly asking: Partial<Reboot>;
  readonly approved: Partial<Reboot>;
  readonly failed: Partial<Reboot>;
}

export function chatContract(name: string, make: () => Promise<ChatBench>, states: ChatStates): void {
  const withBench = (test: (bench: ChatBench) => Promise<void>) => async (): Promise<void> => {
    const bench = await make();
    try {
      await test(bench);
    } finally {
      await bench.close();
    }
  };

  /** Shows, and returns what was stored. */
  async function show(bench: ChatBench, reboot: Partial<Reboot>, chat: ChatRecord): Promise<ChatRecord> {
    let stored = chat;
    const save = async (record: ChatRecord): Promise<void> => {
      stored = structuredClone(record);
    };
    await bench.run(bench.chat.show(bench.data({ ...reboot, chat }), save));
    return stored;
  }

  const nothing: ChatRecord = { replies: {} };

  describe(`chat contract: ${name}`, () => {
    it(
      'posts one card and tells its reference',
      withBench(async (bench) => {
        const record = await show(bench, states.asking, nothing);
        expect(bench.cards()).toHaveLength(1);
        expect(record.card?.ts).toBeTruthy();
        expect(record.posting).toBeUndefined();
      }),
    );

    it(
      'stores the intent before the first post',
      withBench(async (bench) => {
        const saved: ChatRecord[] = [];
        const data = bench.data({ ...states.asking, chat: nothing });
        await bench.run(
          bench.chat.show(data, async (record) => {
            if (saved.length === 0) expect(bench.cards()).toHaveLength(0);
            saved.push(record);
          }),
        );
        expect(saved[0]?.posting).toBeDefined();
        expect(saved[0]?.card).toBeUndefined();
      }),
    );

    it(
      'edits the card in place, and does nothing when all is shown already',
      withBench(async (bench) => {
        const asked = await show(bench, states.asking, nothing);
        const [before] = bench.cards();
        const approved = await show(bench, states.approved, asked);
        expect(bench.cards()).toHaveLength(1);
        expect(bench.cards()[0]).not.toBe(before);
        let saves = 0;
        const again = bench.data({ ...states.approved, chat: approved });
        await bench.run(
          bench.chat.show(again, async () => {
            saves += 1;
          }),
        );
        expect(saves).toBe(0);
      }),
    );

    it(
      'tells each piece of news once, across restarts',
      withBench(async (bench) => {
        const asked = await show(bench, states.asking, nothing);
        const approved = await show(bench, states.approved, asked);
        const replies = bench.replies();
        expect(replies).toHaveLength(1);
        const other = await bench.restart();
        await show(other, states.approved, approved);
        expect(other.replies()).toEqual(replies);
      }),
    );

    it(
      'takes over a card whose answer was lost, instead of posting a second one',
      withBench(async (bench) => {
        let stored = nothing;
        bench.loseNextAnswer();
        const data = bench.data({ ...states.asking, chat: nothing });
        const lost = bench.run(
          bench.chat.show(data, async (record) => {
            stored = structuredClone(record);
          }),
        );
        await expect(lost).rejects.toMatchObject({ code: 'chat-unreachable', retryable: true });
        expect(bench.cards()).toHaveLength(1);
        const other = await bench.restart();
        const record = await show(other, states.asking, stored);
        expect(other.cards()).toHaveLength(1);
        expect(record.card?.ts).toBeTruthy();
        expect(record.posting).toBeUndefined();
      }),
    );

    it(
      'posts a card anew that somebody deleted',
      withBench(async (bench) => {
        const asked = await show(bench, states.asking, nothing);
        await bench.deleteCard();
        const again = await show(bench, states.approved, asked);
        expect(bench.cards()).toHaveLength(1);
        expect(again.card?.ts).not.toBe(asked.card?.ts);
      }),
    );

    it(
      'posts one card when two ask for it at once',
      withBench(async (bench) => {
        const data = bench.data({ ...states.asking, chat: nothing });
        const save = async (): Promise<void> => undefined;
        await bench.run(Promise.all([bench.chat.show(data, save), bench.chat.show(data, save)]));
        expect(bench.cards()).toHaveLength(1);
      }),
    );

    it(
      'says a failure where everybody sees it',
      withBench(async (bench) => {
        const asked = await show(bench, states.asking, nothing);
        const before = bench.cards().length;
        await show(bench, states.failed, asked);
        expect(bench.replies().some((text) => text.includes('worker-03'))).toBe(true);
        expect(bench.cards().length).toBe(before + 1);
      }),
    );

    const notice: UnknownSignalNotice = {
      topic: 'unknownSignals',
      key: '4f1c9a',
      cluster: 'prod-eu',
      channel: 'C0REBOOTS',
      pool: 'workers',
      nodes: ['worker-03', 'worker-04'],
      signals: ['kernel'],
      reason: 'boot is not there',
      lasted: 900_000,
      before: Infinity,
    };

    it(
      'tells of nodes that cannot be read in a message of its own',
      withBench(async (bench) => {
        const { channel } = bench.data(states.asking);
        await bench.run(bench.chat.notify({ ...notice, channel }));
        const [text = ''] = bench.cards();
        for (const word of ['worker-03', 'worker-04', 'kernel', 'boot is not there', '15 min'])
          expect(text).toContain(word);
      }),
    );

    it(
      'tells of nodes that something else reboots as well',
      withBench(async (bench) => {
        const { channel } = bench.data(states.asking);
        const { signals: _, lasted: __, ...where } = notice;
        const other: Notice = {
          ...where,
          topic: 'rebooters',
          rebooters: ['zincati'],
          reason: 'zincati runs',
        };
        await bench.run(bench.chat.notify({ ...other, channel }));
        const [text = ''] = bench.cards();
        for (const word of ['worker-03', 'worker-04', 'another rebooter', 'zincati runs'])
          expect(text).toContain(word);
      }),
    );

    it(
      'finds a notice that another process has posted, by its key',
      withBench(async (bench) => {
        const { channel } = bench.data(states.asking);
        const begun = bench.now();
        await bench.run(bench.chat.notify({ ...notice, channel }));
        const next = await bench.restart();
        const found = (key: string): Promise<boolean> =>
          next.run(next.chat.hasNotice({ key, cluster: notice.cluster, channel }, begun));
        expect(await found(notice.key)).toBe(true);
        expect(await found('another')).toBe(false);
      }),
    );

    it(
      'tells once of a configuration that was refused, whichever process does',
      withBench(async (bench) => {
        const { channel } = bench.data(states.asking);
        const problems = ['1 problem in tugboot.yaml', '  pools[0].name: Found 5. A pool needs a name.'];
        const refused = { key: '0c0ffee0', cluster: 'prod-eu', channel, problems, since: bench.now() - 1 };
        await bench.run(bench.chat.reportConfig(refused));
        const next = await bench.restart();
        await next.run(next.chat.reportConfig(refused));
        expect(next.cards()).toHaveLength(1);
        expect(next.cards()[0]).toContain('pools[0].name');
        await next.run(next.chat.reportConfig({ ...refused, key: 'another' }));
        expect(next.cards()).toHaveLength(2);
      }),
    );

    it(
      'tells once on which nodes a decision was not applied, whichever process does',
      withBench(async (bench) => {
        const { channel } = bench.data(states.asking);
        const notice = {
          key: 'not-applied.4f1c9a',
          cluster: 'prod-eu',
          channel,
          request: { kind: 'approve', mode: 'now' },
          by: { kind: 'user', id: 'U0MIA', name: 'mia' },
          applied: 9,
          refused: 1,
          refusals: [{ node: 'worker-03', sentence: 'It was denied meanwhile.' }],
          since: bench.now() - 1,
        } as const;
        await bench.run(bench.chat.reportNotApplied(notice));
        const next = await bench.restart();
        await next.run(next.chat.reportNotApplied(notice));
        expect(next.cards()).toHaveLength(1);
        expect(next.cards()[0]).toContain('It was denied meanwhile.');
      }),
    );

    it(
      'tells once of a record that cannot be read, whichever process does',
      withBench(async (bench) => {
        const { channel } = bench.data(states.asking);
        const report = {
          key: 'worker-03-4f1c9a',
          cluster: 'prod-eu',
          channel,
          pool: 'workers',
          node: 'worker-03',
          sentence: 'The record of worker-03-4f1c9a cannot be read.',
          since: bench.now() - 1,
        };
        await bench.run(bench.chat.report(report));
        const next = await bench.restart();
        await next.run(next.chat.report(report));
        expect(next.cards()).toHaveLength(1);
        expect(next.cards()[0]).toContain(report.sentence);
      }),
    );

    it(
      'posts no notice whose time has passed',
      withBench(async (bench) => {
        const { channel } = bench.data(states.asking);
        const late = bench.chat.notify({ ...notice, channel, before: bench.now() });
        await expect(bench.run(late)).rejects.toMatchObject({ code: 'chat-unreachable', retryable: true });
        expect(bench.cards()).toEqual([]);
      }),
    );
  });
}
