import { existsSync, readFileSync } from 'node:fs';
import { numberAt, textAt } from '../../../src/k8s/api/json-value.ts';

export interface AuditedRequest {
  readonly at: number;
  readonly userAgent: string;
  readonly user: string;
  readonly verb: string;
  /** With its query. */
  readonly uri: string;
  /** 0 while the response is incomplete. */
  readonly status: number;
}

/**
 * Each request once, in the order of arrival. Requests without a complete response, such as watches, are
 * included.
 */
export function readAuditLog(file: string): readonly AuditedRequest[] {
  if (!existsSync(file)) return [];
  const requests = new Map<string, AuditedRequest>();
  // The text after the last newline is an incomplete line.
  for (const line of readFileSync(file, 'utf8').split('\n').slice(0, -1)) {
    const event: unknown = JSON.parse(line);
    requests.set(textAt(event, 'auditID') ?? '', {
      at: Date.parse(textAt(event, 'requestReceivedTimestamp') ?? ''),
      userAgent: textAt(event, 'userAgent') ?? '',
      user: textAt(event, 'user', 'username') ?? '',
      verb: textAt(event, 'verb') ?? '',
      uri: textAt(event, 'requestURI') ?? '',
      status: numberAt(event, 'responseStatus', 'code') ?? 0,
    });
  }
  return [...requests.values()].toSorted((a, b) => a.at - b.at);
}

/** Number of requests of each program. */
export function countByUserAgent(requests: readonly AuditedRequest[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { userAgent } of requests) counts.set(userAgent, (counts.get(userAgent) ?? 0) + 1);
  return counts;
}
