import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { App } from '@slack/bolt';
import type { FakeSlack } from '../../../demo/slack/slack.ts';
import { call, start, viewId } from './api-client.ts';
import { reasonModal, startApp, type RunningApp } from './bolt-app.ts';
import { type FakeClock, fakeClock } from '../../fakes/fake-clock.ts';

let slack: FakeSlack;
let app: RunningApp;
let clock: FakeClock;
let triggers: string[];

beforeEach(async () => {
  triggers = [];
  clock = fakeClock();
  slack = await start({ clock });
  app = await startApp(slack, (bolt: App) => {
    bolt.command('/reboot', async ({ ack, body }) => {
      triggers.push(body.trigger_id);
      await ack('ready');
    });
    bolt.action(/.*/, async ({ ack, body }) => {
      if (body.type === 'block_actions') triggers.push(body.trigger_id);
      await ack();
    });
  });
});
afterEach(async () => {
  await app.stop();
  await slack.close();
});

const trigger = async (user = 'U0MIA'): Promise<string> => {
  await slack.as(user).command('/reboot status');
  return triggers.at(-1) ?? '';
};
const open = (trigger_id: string, view: object = reasonModal) =>
  call(slack, 'views.open', { trigger_id, view });

const withButton = {
  type: 'modal',
  title: { type: 'plain_text', text: 'Details' },
  blocks: [
    {
      type: 'actions',
      block_id: 'go',
      elements: [{ type: 'button', action_id: 'deeper', text: { type: 'plain_text', text: 'Deeper' } }],
    },
  ],
};

describe('trigger ids', () => {
  test('open one view, for three seconds', async () => {
    const fresh = await trigger();
    expect((await open(fresh)).body['ok']).toBe(true);
    expect((await open(fresh)).body['error']).toBe('exchanged_trigger_id');
    const late = await trigger();
    clock.advance(3001);
    expect((await open(late)).body['error']).toBe('expired_trigger_id');
    expect((await open('1.2.3')).body['error']).toBe('invalid_trigger_id');
  });

  test('push only from inside a modal, and three deep', async () => {
    const push = (trigger_id: string) => call(slack, 'views.push', { trigger_id, view: withButton });
    await open(await trigger(), withButton);
    expect((await push(await trigger())).body['error']).toBe('invalid_trigger_id');
    const deeper = async (): Promise<string> => {
      await slack.as('U0MIA').clickInModal({ action: 'Deeper' });
      return triggers.at(-1) ?? '';
    };
    expect((await push(await deeper())).body['ok']).toBe(true);
    expect((await push(await deeper())).body['ok']).toBe(true);
    expect((await push(await deeper())).body['error']).toBe('push_limit_reached');
    await slack.as('U0MIA').closeModal();
    expect(slack.as('U0MIA').modal()?.previousId).toBeDefined();
  });
});

describe('views', () => {
  test('are updated only with the hash that stands', async () => {
    const opened = await open(await trigger());
    const id = viewId(opened);
    const hash = slack.as('U0MIA').modal()?.hash;
    const update = (given: string) =>
      call(slack, 'views.update', { view_id: id, view: reasonModal, hash: given });
    expect((await update('old')).body['error']).toBe('hash_conflict');
    expect((await update(hash ?? '')).body['ok']).toBe(true);
    expect((await update(hash ?? '')).body['error']).toBe('hash_conflict');
    await slack.as('U0MIA').closeModal();
    expect((await update('')).body['error']).toBe('not_found');
  });

  test('share no external id', async () => {
    await open(await trigger(), { ...reasonModal, external_id: 'one' });
    const second = await open(await trigger('U0LEE'), { ...reasonModal, external_id: 'one' });
    expect(second.body['error']).toBe('duplicate_external_id');
  });

  test('are refused with pointers into the view', async () => {
    const view = { ...reasonModal, title: { type: 'plain_text', text: 'x'.repeat(25) } };
    const { body } = await open(await trigger(), view);
    expect(body).toMatchObject({
      error: 'invalid_arguments',
      errors: ['must be less than 25 characters [json-pointer:/view/title/text]'],
    });
  });

  test('a Home keeps its id through every publication', async () => {
    const view = { type: 'home', blocks: [{ type: 'divider' }] };
    const publish = (extra: object = {}) =>
      call(slack, 'views.publish', { user_id: 'U0MIA', view, ...extra });
    const first = viewId(await publish());
    expect(viewId(await publish())).toBe(first);
    expect((await publish({ hash: 'old' })).body['error']).toBe('hash_conflict');
  });
});

describe('a menu whose options the app answers', () => {
  const nodes = { type: 'plain_text', text: 'Nodes' } as const;
  const choosing = (least?: number) => ({
    type: 'modal',
    title: { type: 'plain_text', text: 'Choose' },
    submit: { type: 'plain_text', text: 'Approve' },
    blocks: [
      {
        type: 'input',
        block_id: 'nodes',
        label: nodes,
        element: {
          type: 'multi_external_select',
          action_id: 'pick',
          max_selected_items: 2,
          ...(least === undefined ? {} : { min_query_length: least }),
        },
      },
    ],
  });
  const option = (value: string) => ({ text: { type: 'plain_text' as const, text: `node ${value}` }, value });
  const asked: string[] = [];
  const answering = (options: (value: string) => ReturnType<typeof option>[]): void =>
    app.app.options('pick', async ({ ack, payload }) => {
      asked.push(payload.value);
      await ack({ options: options(payload.value) });
    });
  const find = (value: string) => slack.as('U0MIA').searchInModal({ action: 'Nodes', value });
  beforeEach(() => void asked.splice(0));

  test('asks it with what is typed, and submits what was chosen of its answers', async () => {
    answering((value) => ['a', 'b', 'c'].map((name) => option(`${value}${name}`)));
    let submitted: unknown;
    app.app.view(/.*/, async ({ ack, view }) => {
      submitted = view.state.values['nodes']?.['pick']?.selected_options?.map(({ value }) => value);
      await ack();
    });
    await open(await trigger(), choosing(1));
    expect(await find('')).toEqual({ kind: 'options', options: [] });
    expect(asked).toEqual([]);
    expect(await find('x')).toMatchObject({ kind: 'options', options: [{ value: 'xa' }, {}, {}] });
    await find('y');
    const mia = slack.as('U0MIA');
    expect(await mia.submitModal({ values: { nodes: ['xa', 'ya', 'yb'] } })).toEqual({
      kind: 'errors',
      errors: { nodes: 'Please select at most 2 items.' },
    });
    await expect(mia.submitModal({ values: { nodes: ['zz'] } })).rejects.toThrow('no option "zz"');
    expect(await mia.submitModal({ values: { nodes: ['xa', 'node yb'] } })).toEqual({ kind: 'closed' });
    expect(submitted).toEqual(['xa', 'yb']);
    expect(asked).toEqual(['x', 'y']);
  });

  test('asks after three characters, unless the app says otherwise', async () => {
    answering((value) => [option(value)]);
    await open(await trigger(), choosing());
    expect(await find('xy')).toEqual({ kind: 'options', options: [] });
    expect(await find('xyz')).toMatchObject({ options: [{ value: 'xyz' }] });
  });

  test('has no results when the app answers more than a hundred, or too late', async () => {
    let count = 101;
    answering(() => Array.from({ length: count }, (_, nth) => option(String(nth))));
    await open(await trigger(), choosing(0));
    expect(await find('')).toEqual({
      kind: 'failed',
      why: 'no more than 100 items allowed [json-pointer:/options]',
    });
    count = 100;
    expect(await find('')).toMatchObject({ kind: 'options' });
    slack.delayAcks(4000);
    const late = find('');
    await slack.until(() => asked.length === 3, 5000, 'the third question');
    clock.advance(3001);
    expect(await late).toEqual({ kind: 'failed', why: 'timeout' });
  });
});
