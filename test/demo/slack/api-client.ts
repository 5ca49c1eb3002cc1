import { objectAt, type JsonObject } from '../../../demo/slack/json.ts';
import { startSlack, type FakeSlack, type SlackOptions } from '../../../demo/slack/slack.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: JsonObject;
}

/** Calls a method as a form, the way the SDK does. */
export async function call(
  slack: FakeSlack,
  method: string,
  args: Readonly<Record<string, unknown>> = {},
  token = slack.botToken,
): Promise<Answer> {
  const fields = Object.entries(args).map(([key, value]): [string, string] => [
    key,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  const response = await fetch(`${slack.apiUrl}${method}`, {
    method: 'POST',
    headers: token === '' ? {} : { authorization: `Bearer ${token}` },
    body: new URLSearchParams(fields),
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as JsonObject };
}

export const start = (options: Partial<SlackOptions> = {}): Promise<FakeSlack> =>
  startSlack({ pageDirectory: 'demo/slack/page', rateLimits: false, ...options });

export async function post(slack: FakeSlack, args: Readonly<Record<string, unknown>>): Promise<string> {
  const { body } = await call(slack, 'chat.postMessage', { channel: slack.channel.id, ...args });
  const ts = body['ts'];
  if (typeof ts !== 'string') throw new Error(`not posted: ${JSON.stringify(body)}`);
  return ts;
}

export const viewId = (answer: Answer): string => {
  const id = objectAt(answer.body, 'view')?.['id'];
  if (typeof id !== 'string') throw new Error(`no view: ${JSON.stringify(answer.body)}`);
  return id;
};
