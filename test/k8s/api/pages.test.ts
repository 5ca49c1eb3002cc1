import { expect, it } from 'vitest';
import type { KubeClient } from '../../../src/k8s/api/client.ts';
import { listAll } from '../../../src/k8s/api/pages.ts';
import { paths } from '../../../src/k8s/api/paths.ts';

/** Each request gets the next of these tokens, and the last one from then on. */
function clientWith(tokens: readonly (string | undefined)[]): KubeClient & { readonly asked: () => number } {
  let asked = 0;
  return {
    asked: () => asked,
    async send() {
      const token = tokens[Math.min(asked, tokens.length - 1)];
      asked += 1;
      return {
        ok: true,
        body: { metadata: { continue: token, resourceVersion: '9' }, items: [{ n: asked }] },
      };
    },
    async *watch() {
      yield* [];
    },
    close: async () => undefined,
  };
}

const list = (client: KubeClient) => listAll(client, { path: paths.pods }, (pod) => pod as unknown);

it('a list is read page by page until there is no token', async () => {
  const listed = await list(clientWith(['a', 'b', undefined]));
  expect(listed).toEqual({ items: [{ n: 1 }, { n: 2 }, { n: 3 }], version: '9' });
});

it.each([[['a']], [['a', 'b', 'a']]])('a list whose pages repeat is refused: %j', async (tokens) => {
  const client = clientWith(tokens);
  await expect(list(client)).rejects.toMatchObject({
    code: 'cluster-invalid',
    message: 'The list of /api/v1/pods does not end: its pages repeat.',
  });
  expect(client.asked()).toBe(tokens.length === 1 ? 2 : 3);
});
