import { PortError } from '../../../src/reboot/ports/port-error.ts';
import type { Instant } from '../../../src/reboot/time/time.ts';

export interface FakeMessage {
  readonly channel: string;
  readonly ts: string;
  readonly text: string;
  /** By which a process finds what another one has posted. */
  readonly key: string;
  /** The card that it replies to. */
  readonly thread?: string;
  /** A reply that the channel shows as well. */
  readonly broadcast?: boolean;
}

/** What all processes see: the messages of all channels, oldest first. */
export interface FakeChannel {
  readonly messages: readonly FakeMessage[];
  /** Resolves with the timestamp, by which no two messages are equal. */
  post(message: Omit<FakeMessage, 'ts'>): Promise<string>;
  /** False if the message is not there any more. */
  edit(ts: string, text: string): boolean;
  remove(ts: string): void;
  /** The newest message with that key since then. */
  find(channel: string, key: string, since: Instant): FakeMessage | undefined;
  /** The next post arrives, and its response is lost. */
  loseNextAnswer(): void;
}

export function fakeChannel(now: () => Instant): FakeChannel {
  let messages: FakeMessage[] = [];
  let last = 0;
  let losesAnswer = false;
  return {
    get messages() {
      return messages;
    },
    async post(message) {
      // In microseconds, as in the timestamps of Slack.
      last = Math.max(now() * 1000, last + 1);
      const ts = (last / 1_000_000).toFixed(6);
      messages = [...messages, { ...message, ts }];
      if (losesAnswer) {
        losesAnswer = false;
        throw new PortError('chat-unreachable', 'The answer was lost.', { retryable: true });
      }
      return ts;
    },
    edit(ts, text) {
      const isThere = messages.some((message) => message.ts === ts);
      messages = messages.map((message) => (message.ts === ts ? { ...message, text } : message));
      return isThere;
    },
    remove(ts) {
      messages = messages.filter((message) => message.ts !== ts);
    },
    find: (channel, key, since) =>
      messages.findLast(
        (message) => message.channel === channel && message.key === key && Number(message.ts) * 1000 >= since,
      ),
    loseNextAnswer() {
      losesAnswer = true;
    },
  };
}
