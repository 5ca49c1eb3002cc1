import { readFile } from 'node:fs/promises';
import * as http from 'node:http';
import * as https from 'node:https';

export interface AgentCredentials {
  current(): Promise<{ readonly token: string | undefined; readonly agent: http.Agent }>;
  /** The API server rejected the credentials: the next call reads the files again. */
  expire(): void;
  close(): void;
}

export interface CredentialFiles {
  readonly tokenFile?: string;
  readonly caFile?: string;
}

/**
 * The kubelet renews a projected token at 80 % of its lifetime, which is at least ten minutes: one read a
 * minute is enough.
 */
const freshFor = 60_000;
/** Idle connections are closed; only the watch keeps one open. */
const idleTimeout = 30_000;

export function createCredentials(
  deps: CredentialFiles & { secure: boolean; now: () => number },
): AgentCredentials {
  let readAt = Number.NEGATIVE_INFINITY;
  let token: string | undefined;
  let authority: string | undefined;
  let agent: http.Agent | undefined;

  const refresh = async (): Promise<http.Agent> => {
    token = deps.tokenFile === undefined ? undefined : (await readFile(deps.tokenFile, 'utf8')).trim();
    const found = deps.caFile === undefined ? undefined : await readFile(deps.caFile, 'utf8');
    if (agent === undefined || found !== authority) {
      // The old agent is not destroyed: the watch may still use it, and its idle sockets time out.
      const options = { keepAlive: true, maxFreeSockets: 1, timeout: idleTimeout };
      agent = deps.secure
        ? new https.Agent(found === undefined ? options : { ...options, ca: found })
        : new http.Agent(options);
      authority = found;
    }
    readAt = deps.now();
    return agent;
  };

  return {
    async current() {
      const fresh = agent !== undefined && deps.now() - readAt < freshFor;
      const used = fresh && agent !== undefined ? agent : await refresh();
      return { token, agent: used };
    },
    expire() {
      readAt = Number.NEGATIVE_INFINITY;
    },
    close: () => agent?.destroy(),
  };
}
