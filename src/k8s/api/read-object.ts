import { bodyOrThrow, type KubeClient } from './client.ts';
import type { Path, Received } from './received.ts';

/** One object from the API server, not from a cache. Undefined if there is none. */
export async function readObject<O>(
  client: KubeClient,
  path: Path<O>,
  doing: string,
): Promise<Received<O> | undefined> {
  const answer = await client.send({ method: 'GET', path });
  if (!answer.ok && answer.status.code === 404) return undefined;
  return bodyOrThrow(answer, doing) as Received<O>;
}
