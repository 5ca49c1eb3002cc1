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
