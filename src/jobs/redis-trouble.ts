/** Error messages for Redis and its connection: each names the remedy. */

export const replica =
  'The Redis of REDIS_URL is a replica and takes no writes. Point REDIS_URL at the primary, or at an address that follows it.';

const sentinels =
  'No Sentinel of REDIS_URL names the primary. Check their addresses, and the name of the primary.';
const sentinelLogin =
  'The Sentinels of REDIS_URL refuse to answer. Check REDIS_SENTINEL_USER and REDIS_SENTINEL_PASSWORD, and the rights of that user.';

/** Redis wraps errors of scripts, so that the code may be anywhere in the message. */
const word = (error: unknown, ...words: readonly string[]): boolean =>
  new RegExp(`\\b(${words.join('|')})\\b`).test(error instanceof Error ? error.message : String(error));

/** Another server may answer at the same address, or this one may have recovered. */
export const asksToReconnect = (error: unknown): boolean => word(error, 'READONLY', 'UNBLOCKED', 'LOADING');

const answers: readonly { readonly words: readonly string[]; readonly means: string }[] = [
  { words: ['READONLY'], means: replica },
  {
    words: ['CLUSTERDOWN'],
    means:
      'The Redis Cluster of REDIS_URL has no primary for a part of its slots. Look at its nodes: redis-cli cluster info.',
  },
  {
    words: ['CROSSSLOT', 'MOVED', 'ASK'],
    means:
      'REDIS_URL names one node of a Redis Cluster. Write redis+cluster:// and the addresses of its nodes.',
  },
  { words: ['LOADING'], means: 'Redis is loading its data, and answers when that is done.' },
  { words: ['OOM'], means: 'Redis is full (maxmemory) and takes no writes. Give it more memory.' },
  {
    words: ['MISCONF'],
    means: 'Redis takes no writes, since it cannot save its data. Look at its disk and its log.',
  },
];

export function redisTrouble(problem: unknown): string {
  // When no node of a Redis Cluster could be reached: the error of the last one.
  const error =
    problem instanceof Error && 'lastNodeError' in problem ? (problem.lastNodeError ?? problem) : problem;
  if (/sentinels are unreachable/i.test(String(error)))
    return word(error, 'WRONGPASS', 'NOAUTH', 'NOPERM') ? sentinelLogin : sentinels;
  if (word(error, 'WRONGPASS', 'NOAUTH') || /invalid (username-)?password/i.test(String(error)))
    return 'Redis refuses the password or the user of REDIS_URL.';
  if (word(error, 'NOPERM'))
    return `The Redis user of REDIS_URL lacks a right: ${command(error)}. Grant it to that user.`;
  const known = answers.find(({ words }) => word(error, ...words));
  if (known !== undefined) return known.means;
  if (/command timed out/i.test(String(error))) return 'Redis does not answer in time. Look at its load.';
  if (error instanceof Error && error.name === 'ReplyError')
    return `Redis refuses: ${error.message.slice(0, 200)}.`;
  return `Redis cannot be reached (${codeOf(error)}). Check REDIS_URL, and that the server runs.`;
}

/**
 * "NOPERM this user has no permissions to run the 'info' command": the command's name, or the whole sentence.
 */
function command(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const named = /run the '([\w|]+)' command/.exec(message)?.[1];
  return named === undefined
    ? message.replace(/^.*NOPERM\s*/, '').slice(0, 200)
    : `it may not run ${named.toUpperCase()}`;
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'no answer';
