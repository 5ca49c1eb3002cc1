import { expect, it } from 'vitest';
import type { KubeAnswer, KubeClient } from '../../../src/k8s/api/client.ts';
import { isRequesterProven } from '../../../src/k8s/nodes/requester-proof.ts';

const us = 'system:serviceaccount:tugboot:tugboot-bot';

/** An API server on which we are `us`, and which refuses names as it is told. */
function clientOf(codeFor: (isOwn: boolean) => number, isKnown = true): KubeClient {
  const refused = (code: number): KubeAnswer => ({
    ok: false,
    status: { code, reason: '', message: '', causes: [] },
  });
  return {
    async send({ method, body }) {
      if (method === 'POST')
        return isKnown ? { ok: true, body: { status: { userInfo: { username: us } } } } : refused(403);
      const code = codeFor(!JSON.stringify(body).includes(`not ${us}`));
      return code === 200 ? { ok: true, body: {} } : refused(code);
    },
    watch: async function* nothing() {},
    close: async () => undefined,
  };
}

const target = { node: 'n1', uid: 'u1', bootId: 'b1' };

it.each([
  ['accepts our own name, and refuses that of others', 200, 403, true],
  ['has no policy, and accepts every name', 200, 200, false],
  ['refuses every name', 403, 403, false],
  ['refuses the name of others for another reason', 200, 422, false],
])('the requester is proven: %s', async (_, own, others, isProven) => {
  const client = clientOf((isOwn) => (isOwn ? own : others));
  expect(await isRequesterProven(client, target)).toBe(isProven);
});

it('the requester is not proven where we do not know who we are', async () => {
  const client = clientOf((isOwn) => (isOwn ? 200 : 403), false);
  expect(await isRequesterProven(client, target)).toBe(false);
});
