import type { KubeClient } from '../../../src/k8s/api/client.ts';

export interface Traffic {
  requests: number;
  conflicts: number;
  /** Bodies, both ways. */
  bytes: number;
}

const sizeOf = (body: unknown): number => (body === undefined ? 0 : Buffer.byteLength(JSON.stringify(body)));

/** Counts what passes through a client. */
export function countingClient(client: KubeClient): {
  readonly client: KubeClient;
  readonly traffic: Traffic;
} {
  const traffic: Traffic = { requests: 0, conflicts: 0, bytes: 0 };
  return {
    traffic,
    client: {
      ...client,
      watch: (...args) => client.watch(...args),
      close: () => client.close(),
      async send(request) {
        traffic.requests += 1;
        const answer = await client.send(request);
        if (!answer.ok && answer.status.code === 409) traffic.conflicts += 1;
        traffic.bytes += sizeOf(request.body) + sizeOf(answer.ok ? answer.body : answer.status);
        return answer;
      },
    },
  };
}
