import { expect } from 'vitest';
import type { FakeSlack } from '../../../demo/slack/slack.ts';
import type { Message } from '../../../demo/slack/workspace/records.ts';

/** All texts of a card and its thread from now on, each once, in the order in which they became visible. */
export interface History {
  readonly card: readonly string[];
  readonly thread: readonly string[];
}

export function follow(slack: FakeSlack, { ts, channel }: Pick<Message, 'ts' | 'channel'>): History {
  const [card, thread]: [string[], string[]] = [[], []];
  const record = (): void => {
    note(card, slack.message(ts)?.text);
    for (const reply of slack.thread(channel, ts)) note(thread, reply.text);
  };
  slack.subscribe(record);
  record();
  return { card, thread };
}

function note(said: string[], text: string | undefined): void {
  if (text !== undefined && !said.includes(text)) said.push(text);
}

/** Each pattern occurred, after the one before it. */
export function inOrder(said: readonly string[], wanted: readonly RegExp[]): void {
  let from = 0;
  for (const one of wanted) {
    const at = said.findIndex((text, index) => index >= from && one.test(text));
    expect(at, `${String(one)} in\n${said.join('\n---\n')}`).toBeGreaterThanOrEqual(from);
    from = at;
  }
}
