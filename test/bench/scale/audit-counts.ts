// The requests of one user in the audit log of a real API server, which grows while it is read.
import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { numberAt, textAt } from '../../../src/k8s/api/json-value.ts';

export interface AuditedCall {
  readonly at: number;
  readonly verb: string;
  readonly path: string;
  readonly query: string;
  readonly status: number;
}

/** Each call reads what was written since the one before. */
export function auditReader(file: string, user: string): () => readonly AuditedCall[] {
  const calls = new Map<string, AuditedCall>();
  let read = 0;
  let rest = '';
  return () => {
    const written = bytesFrom(file, read);
    read += written.length;
    const lines = (rest + written.toString()).split('\n');
    // The text after the last newline is an incomplete line.
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (!line.includes(user)) continue;
      const event: unknown = JSON.parse(line);
      if (textAt(event, 'user', 'username') !== user) continue;
      const [path = '', query = ''] = (textAt(event, 'requestURI') ?? '').split('?');
      calls.set(textAt(event, 'auditID') ?? '', {
        at: Date.parse(textAt(event, 'requestReceivedTimestamp') ?? ''),
        verb: textAt(event, 'verb') ?? '',
        path,
        query,
        status: numberAt(event, 'responseStatus', 'code') ?? 0,
      });
    }
    return [...calls.values()];
  };
}

function bytesFrom(file: string, offset: number): Buffer {
  if (!existsSync(file)) return Buffer.alloc(0);
  const handle = openSync(file, 'r');
  try {
    const buffer = Buffer.alloc(fstatSync(handle).size - offset);
    return buffer.subarray(0, readSync(handle, buffer, 0, buffer.length, offset));
  } finally {
    closeSync(handle);
  }
}
