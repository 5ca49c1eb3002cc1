import { readRegularFile } from '../read-file.ts';
import { type Clock, second } from '../reboot/time/time.ts';
import type { Gatekeeper, Hooks } from '../reboot/ports/outside.ts';
import type { Silences } from '../reboot/ports/silences.ts';
import { alertmanagerSilences } from './alertmanager.ts';
import type { Sleep } from '../timing/sleep.ts';
import { inSequence, oncePerPool, concurrently, withTimeout } from './gatekeepers.ts';
import { hookCaller } from './hook-caller.ts';
import { httpClient } from './http.ts';
import { prometheusGatekeeper } from './prometheus.ts';
import { webhookGatekeeper } from './webhook.ts';

export interface Gates {
  readonly gatekeeper: Gatekeeper;
  /** Without side effects, for queries. */
  readonly preview: Gatekeeper;
  readonly hooks: Hooks;
  readonly silences: Silences;
  close(): Promise<void>;
}

/** A person waits for the answer to a command. */
const previewLimit = 2 * second;

/**
 * All gates of a cluster. The webhook is called last, and only if no other gate blocks the start. The preview
 * leaves it out: a webhook may take any call for a start.
 */
export function connectGates(
  clusterGates: Gatekeeper,
  about: { readonly clock: Clock; readonly cluster: string; readonly sleep: Sleep },
): Gates {
  const readFile = readRegularFile;
  const http = httpClient(readFile);
  const { clock, cluster, sleep } = about;
  const prometheus = oncePerPool(prometheusGatekeeper(http), clock);
  const webhooks = { http, readFile, clock, cluster };
  const webhook = webhookGatekeeper(webhooks);
  const limited = (gatekeeper: Gatekeeper, what: string): Gatekeeper =>
    withTimeout(previewLimit, { gatekeeper, what, sleep });
  return {
    gatekeeper: inSequence([concurrently([clusterGates, prometheus]), webhook]),
    preview: concurrently([
      limited(clusterGates, 'the cluster says of its pods and its health'),
      limited(prometheus, 'Prometheus says'),
    ]),
    hooks: hookCaller(webhooks),
    silences: alertmanagerSilences({ http, clock, cluster }),
    close: () => http.close(),
  };
}
