import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Metrics } from './metrics/metrics.ts';

/** Health check of one part of the program. */
export interface HealthCheck {
  readonly name: string;
  /**
   * Without an essential part the program is not ready. Without another part it is degraded, and stays ready.
   */
  readonly essential: boolean;
  readonly check: () => { readonly ok: boolean; readonly why?: string };
}

export interface HealthServer {
  readonly port: number;
  close(): Promise<void>;
}

/** A part of the port that answers by itself. */
export interface HealthPage {
  /** Its own path, and all below it. */
  readonly path: string;
  answer(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

/** The health port cannot be opened; the message is for people. */
export class HealthPortError extends Error {
  override readonly name = 'HealthPortError';
  readonly code: string;

  constructor(port: number, cause: NodeJS.ErrnoException) {
    const why = cause.code === 'EADDRINUSE' ? 'another program has it' : (cause.code ?? 'unknown error');
    super(`Port ${port} for /livez and /readyz cannot be had: ${why}. Name another in HEALTH_PORT.`, {
      cause,
    });
    this.code = cause.code ?? 'unknown';
  }
}

export interface HealthExtras {
  readonly metrics?: Pick<Metrics, 'expose' | 'contentType'>;
  readonly page?: HealthPage | undefined;
}

/**
 * /livez answers while the process runs: a restart would fix nothing that it waits for. /readyz has a line
 * for each part; its status is 503 only if an essential part fails, so that a rollout does not depend on
 * Slack. /metrics is for Prometheus, a page for people.
 */
export async function startHealth(
  port: number,
  checks: () => readonly HealthCheck[],
  { metrics, page }: HealthExtras = {},
): Promise<HealthServer> {
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0];
    if (path === '/livez') return void response.writeHead(200, { 'content-type': 'text/plain' }).end('ok\n');
    if (path === '/metrics' && metrics) return void answerScrape(metrics, response);
    if (page && (path === page.path || path?.startsWith(`${page.path}/`)))
      return void answerPage(page, request, response);
    if (path !== '/readyz') return void response.writeHead(404).end();
    const answers = checks().map(({ name, essential, check }) => ({ name, essential, ...check() }));
    const lines = answers.map(
      ({ name, essential, ok, why }) =>
        `${ok ? 'ok' : essential ? 'not ready' : 'degraded'} ${name}${why === undefined ? '' : `: ${why}`}`,
    );
    const ok = answers.every((answer) => answer.ok || !answer.essential);
    response.writeHead(ok ? 200 : 503, { 'content-type': 'text/plain' }).end(`${lines.join('\n')}\n`);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(new HealthPortError(port, error)));
    server.listen(port, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answerPage(
  page: HealthPage,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    await page.answer(request, response);
  } catch {
    if (!response.headersSent) response.writeHead(500);
    response.end();
  }
}

async function answerScrape(
  { expose, contentType }: Pick<Metrics, 'expose' | 'contentType'>,
  response: ServerResponse,
): Promise<void> {
  try {
    const text = await expose();
    response.writeHead(200, { 'content-type': contentType }).end(text);
  } catch {
    response.writeHead(500).end();
  }
}
