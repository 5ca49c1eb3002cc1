import { describe, expect, it } from 'vitest';
import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError } from '@slack/web-api';
import { slackFailureOf, toPortError } from '../../../src/bot/connection/slack-errors.ts';

const platform = (data: Record<string, unknown>): WebAPIPlatformError =>
  new WebAPIPlatformError({ ok: false, ...data } as ConstructorParameters<typeof WebAPIPlatformError>[0]);

describe('an answer of the Web API', () => {
  it.each([
    ["a proxy's page", '<html><body>Bad gateway</body></html>'],
    ['a sentence', 'upstream connect error or disconnect/reset before headers'],
    ['nothing', ''],
    ['no text at all', undefined],
    ['a code of trouble', 'internal_error'],
  ])('whose code is %s is an outage, and tried again', (_what, error) => {
    expect(slackFailureOf(platform({ error }))).toEqual({ kind: 'transient' });
    expect(toPortError('chat.postMessage', platform({ error }))).toMatchObject({
      code: 'chat-unreachable',
      retryable: true,
    });
  });

  it.each([
    ['a proxy that lets nobody through', new WebAPIHTTPError(403, 'Forbidden', {}, '<html>403</html>')],
    ['a wrong address', new WebAPIHTTPError(404, 'Not Found', {}, 'no such page')],
    ['a login page', new WebAPIHTTPError(401, 'Unauthorized', {})],
    ['null', new TypeError("Cannot read properties of null (reading 'ok')")],
  ])('that is none, %s, is an outage and tried again', (_what, error) => {
    expect(slackFailureOf(error)).toEqual({ kind: 'transient' });
    expect(toPortError('auth.test', error)).toMatchObject({ code: 'chat-unreachable', retryable: true });
  });

  it('with a code of its own is a refusal, whatever its status', () => {
    const body = '{"ok":false,"error":"invalid_auth"}';
    expect(slackFailureOf(new WebAPIHTTPError(400, 'Bad Request', {}, body))).toEqual({
      kind: 'refused',
      code: 'invalid_auth',
    });
  });

  it('with a code of its own is a refusal', () => {
    expect(slackFailureOf(platform({ error: 'channel_not_found' }))).toEqual({
      kind: 'refused',
      code: 'channel_not_found',
    });
  });

  it('names the missing right where one is missing, and nowhere else', () => {
    expect(
      toPortError('users.info', platform({ error: 'missing_scope', needed: 'users:read' })).message,
    ).toBe('Slack refused users.info: missing_scope; the app lacks the scope users:read');
    expect(
      toPortError('users.info', platform({ error: 'user_not_found', needed: 'users:read' })).message,
    ).toBe('Slack refused users.info: user_not_found');
  });

  it('says when to ask again', () => {
    expect(slackFailureOf(new WebAPIRateLimitedError(47))).toEqual({ kind: 'rate-limited', after: 47_000 });
    expect(slackFailureOf(new WebAPIHTTPError(503, 'Unavailable', {}))).toEqual({ kind: 'transient' });
  });
});
