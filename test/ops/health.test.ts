import { describe, expect, it, onTestFinished } from 'vitest';
import { type HealthCheck, type HealthServer, startHealth } from '../../src/ops/health.ts';

async function health(...checks: readonly HealthCheck[]): Promise<HealthServer> {
  const server = await startHealth(0, () => checks);
  onTestFinished(() => server.close());
  return server;
}

async function ask({ port }: HealthServer, path: string): Promise<readonly [number, string]> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  return [response.status, await response.text()];
}

describe('health', () => {
  it('is ready when every part is', async () => {
    const server = await health({ name: 'started', essential: true, check: () => ({ ok: true }) });
    expect(await ask(server, '/readyz')).toEqual([200, 'ok started\n']);
    expect(await ask(server, '/readyz?verbose')).toEqual([200, 'ok started\n']);
  });

  it('names each part that is not ready, and why', async () => {
    let connected = false;
    const server = await health(
      { name: 'started', essential: true, check: () => ({ ok: true }) },
      {
        name: 'cluster',
        essential: true,
        check: () => (connected ? { ok: true } : { ok: false, why: 'silent for 61 s' }),
      },
    );
    expect(await ask(server, '/readyz')).toEqual([503, 'ok started\nnot ready cluster: silent for 61 s\n']);
    connected = true;
    expect(await ask(server, '/readyz')).toEqual([200, 'ok started\nok cluster\n']);
  });

  it('is ready and says what is degraded when nothing essential is missing', async () => {
    const server = await health(
      { name: 'started', essential: true, check: () => ({ ok: true }) },
      { name: 'slack', essential: false, check: () => ({ ok: false, why: 'not connected for 61 s' }) },
    );
    expect(await ask(server, '/readyz')).toEqual([
      200,
      'ok started\ndegraded slack: not connected for 61 s\n',
    ]);
  });

  it('lives as long as it answers, ready or not: a restart would mend nothing', async () => {
    const server = await health({ name: 'cluster', essential: true, check: () => ({ ok: false }) });
    expect(await ask(server, '/livez')).toEqual([200, 'ok\n']);
  });

  it('knows nothing else', async () => {
    expect((await ask(await health(), '/metrics'))[0]).toBe(404);
  });

  it('answers a scrape, also while parts are away, and says when it cannot', async () => {
    let isBroken = false;
    const metrics = {
      contentType: 'text/plain; version=0.0.4; charset=utf-8',
      expose: () => (isBroken ? Promise.reject(new Error('broken')) : Promise.resolve('a 1\n')),
    };
    const server = await startHealth(0, () => [], { metrics });
    onTestFinished(() => server.close());
    expect(await ask(server, '/metrics')).toEqual([200, 'a 1\n']);
    isBroken = true;
    expect(await ask(server, '/metrics')).toEqual([500, '']);
  });

  it('says in words that its port is taken', async () => {
    const { port } = await health();
    await expect(startHealth(port, () => [])).rejects.toThrow(
      `Port ${port} for /livez and /readyz cannot be had: another program has it. Name another in HEALTH_PORT.`,
    );
  });

  it('lets its port go, even while somebody keeps a connection open', async () => {
    const server = await startHealth(0, () => []);
    await ask(server, '/livez');
    await server.close();
    const again = await startHealth(server.port, () => []);
    await again.close();
  });
});
