/**
 * The proxy of HTTPS_PROXY and HTTP_PROXY for what the bot reaches outside of the cluster: Slack, gates and
 * calendars. Neither Node's fetch nor the WebSocket of Slack's SDK reads these variables.
 */
import { EnvHttpProxyAgent, getGlobalDispatcher, setGlobalDispatcher } from 'undici';

type Env = Readonly<Record<string, string | undefined>>;

/** What is inside of the cluster, or on this host, is never asked for by way of a proxy. */
const inside = ['localhost', '127.0.0.1', '::1', 'svc', 'cluster.local'];

const given = (env: Env, name: string): string | undefined =>
  env[name.toLowerCase()] || env[name] || undefined;

/** Returns what puts back the connections of before; undefined where no proxy is named. */
export function useProxyOf(env: Env): (() => Promise<void>) | undefined {
  const httpProxy = given(env, 'HTTP_PROXY');
  const httpsProxy = given(env, 'HTTPS_PROXY');
  if (httpProxy === undefined && httpsProxy === undefined) return undefined;
  const noProxy = [given(env, 'NO_PROXY'), ...inside, env['KUBERNETES_SERVICE_HOST']];
  const before = getGlobalDispatcher();
  const agent = new EnvHttpProxyAgent({
    // Empty: what is not named here is not looked for in the environment of the process.
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
