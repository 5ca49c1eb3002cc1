/**
 * The address of the queues where it names several servers: the Sentinels of a primary, or nodes of a Redis
 * Cluster. `URL` takes one host only.
 */
export interface RedisAddress {
  readonly kind: 'sentinel' | 'cluster';
  readonly tls: boolean;
  readonly hosts: readonly RedisHost[];
  readonly username?: string;
  readonly password?: string;
  /** The name that the Sentinels have for the primary; empty for a cluster. */
  readonly primary: string;
  readonly database: number;
}

export interface RedisHost {
  readonly host: string;
  readonly port: number;
}

export const severalServers = /^rediss?\+(sentinel|cluster):/;

const form =
  /^redis(?<tls>s?)\+(?<kind>sentinel|cluster):\/\/(?:(?<user>[^:@/]*)(?::(?<password>[^@/]*))?@)?(?<hosts>[^@/?#]+)(?:\/(?<name>[\w.-]+)?(?:\/(?<database>\d{1,3}))?)?$/;
const ports = { sentinel: 26_379, cluster: 6379 } as const;

/** Undefined for an address of another form. */
export function redisAddress(text: string): RedisAddress | undefined {
  const groups = form.exec(text)?.groups;
  if (groups === undefined) return undefined;
  const kind = groups['kind'] === 'cluster' ? 'cluster' : 'sentinel';
  const hosts = hostsOf(groups['hosts'] ?? '', ports[kind]);
  const login = loginOf(groups);
  const primary = groups['name'] ?? '';
  // A cluster has one database and no primary of that name; a Sentinel answers for a name alone.
  if ((kind === 'cluster') !== (primary === '') || login === undefined) return undefined;
  if (hosts === undefined || (kind === 'cluster' && groups['database'] !== undefined)) return undefined;
  return {
    kind,
    tls: groups['tls'] === 's',
    hosts,
    ...login,
    primary,
    database: Number(groups['database'] ?? 0),
  };
}

/** Undefined if one of them is none. */
function hostsOf(text: string, fallback: number): readonly RedisHost[] | undefined {
  const hosts = text.split(',').map((host) => hostOf(host, fallback));
  const found = hosts.filter((host) => host !== undefined);
  return found.length === hosts.length ? found : undefined;
}

function hostOf(text: string, fallback: number): RedisHost | undefined {
  const found = /^(?:\[([0-9a-fA-F:.]+)\]|([\w.-]+))(?::(\d{1,5}))?$/.exec(text);
  const host = found?.[1] ?? found?.[2];
  const port = Number(found?.[3] ?? fallback);
  return host === undefined || port > 65_535 ? undefined : { host, port };
}

function loginOf(
  groups: Readonly<Record<string, string>>,
): Pick<RedisAddress, 'username' | 'password'> | undefined {
  const username = decoded(groups['user']);
  const password = decoded(groups['password']);
  if (username === null || password === null) return undefined;
  return { ...(username === '' ? {} : { username }), ...(password === '' ? {} : { password }) };
}

/** Null where the text is not encoded as in an address. */
function decoded(text = ''): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** The password in an address of the queues, of whatever form; empty where there is none. */
export function passwordOf(address: string): string {
  if (severalServers.test(address)) return redisAddress(address)?.password ?? '';
  return URL.canParse(address) ? decodeURIComponent(new URL(address).password) : '';
}
