/**
 * The proxy of HTTPS_PROXY and HTTP_PROXY for what the bot reaches outside of the cluster: Slack, gates and
 * calendars. Neither Node's fetch nor the WebSocket of Slack's SDK reads these variables.
 */
import { EnvHttpProxyAgent, getGlobalDispatcher, setGlobalDispatcher } from 'undici';

type Env = Readonly<Record<string, string | undefined>>;

/** Requests to the cluster or to this host never use a proxy. */
const inside = ['localhost', '127.0.0.1', '::1', 'svc', 'cluster.local'];

const given = (env: Env, name: string): string | undefined =>
  env[name.toLowerCase()] || env[name] || undefined;

/** Returns a function that restores the previous dispatcher and agents; undefined where no proxy is named. */
export function useProxyOf(env: Env): (() => Promise<void>) | undefined {
  const httpProxy = given(env, 'HTTP_PROXY');
  const httpsProxy = given(env, 'HTTPS_PROXY');
  if (httpProxy === undefined && httpsProxy === undefined) return undefined;
  const noProxy = [given(env, 'NO_PROXY'), ...inside, env['KUBERNETES_SERVICE_HOST']];
  const before = getGlobalDispatcher();
  const agent = new EnvHttpProxyAgent({
    // Empty, so that undici does not read the environment of the process for an address that is not given.
    httpProxy: httpProxy ?? '',
    httpsProxy: httpsProxy ?? '',
    // A WebSocket keeps a connection of its own.
    allowH2: false,
    noProxy: noProxy.filter(Boolean).join(','),
  });
  setGlobalDispatcher(agent);
  return async () => {
    setGlobalDispatcher(before);
    await agent.destroy();
  };
}
