import { describe, expect, it } from 'vitest';
import { parseStatus, unexpectedStatus } from '../../../src/k8s/api/kube-status.ts';

const refused = (code: number) => unexpectedStatus(parseStatus(code, '', undefined), 'reading node n1');

describe('a refusal that nobody expected', () => {
  it.each([401, 403, 429, 500, 503])(
    'by %s may be over in a moment: an API server that has just started knows no roles and no tokens yet',
    (code) => expect(refused(code)).toMatchObject({ code: 'cluster-refused', retryable: true }),
  );

  it.each([400, 404, 405, 422])('by %s stays as it is until somebody changes something', (code) =>
    expect(refused(code)).toMatchObject({ code: 'cluster-invalid', retryable: false }),
  );

  it('by 409 is a conflict', () => {
    expect(refused(409)).toMatchObject({ code: 'conflict', retryable: true });
  });

  it('says what was being done, and what the server said', () => {
    const status = parseStatus(403, '{"kind":"Status","message":"no right"}', undefined);
    expect(unexpectedStatus(status, 'reading node n1').message).toBe(
      'While reading node n1, the API server answered 403: no right',
    );
  });
});
