import { readFileSync } from 'node:fs';
import type { Clock, Gatekeeper } from '../reboot/ports.ts';
import { inTurn, oncePerPool, together } from './gatekeepers.ts';
import { httpClient } from './http.ts';
import { prometheusGatekeeper } from './prometheus.ts';
import { webhookGatekeeper } from './webhook.ts';

export interface Gates {
  readonly gatekeeper: Gatekeeper;
  close(): Promise<void>;
}

/** All gates of a cluster. The webhook has the last word, and is asked only when nobody else has anything against a start. */
export function connectGates(
  inside: Gatekeeper,
  about: { readonly clock: Clock; readonly cluster: string },
): Gates {
  const readFile = (path: string): string => readFileSync(path, 'utf8');
  const http = httpClient(readFile);
  const prometheus = oncePerPool(prometheusGatekeeper(http), about.clock);
  const webhook = webhookGatekeeper({ http, readFile, ...about });
  return { gatekeeper: inTurn([together([inside, prometheus]), webhook]), close: () => http.close() };
}
