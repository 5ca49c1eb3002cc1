/** Error messages for Redis and its connection: each names the remedy. */

export const replica =
  'The Redis of REDIS_URL is a replica and takes no writes. Point REDIS_URL at the primary, or at an address that follows it.';

/** Redis wraps errors of scripts, so that the code may be anywhere in the message. */
const word = (error: unknown, ...words: readonly string[]): boolean =>
  new RegExp(`\\b(${words.join('|')})\\b`).test(error instanceof Error ? error.message : String(error));

/** Another server may answer at the same address, or this one may have recovered. */
export const asksToReconnect = (error: unknown): boolean => word(error, 'READONLY', 'UNBLOCKED', 'LOADING');

export function redisTrouble(error: unknown): string {
  if (word(error, 'WRONGPASS', 'NOAUTH') || /invalid (username-)?password/i.test(String(error)))
    return 'Redis refuses the password or the user of REDIS_URL.';
  if (word(error, 'NOPERM'))
    return `The Redis user of REDIS_URL lacks a right: ${command(error)}. Grant it to that user.`;
  if (word(error, 'READONLY')) return replica;
  if (word(error, 'LOADING')) return 'Redis is loading its data, and answers when that is done.';
  if (word(error, 'OOM')) return 'Redis is full (maxmemory) and takes no writes. Give it more memory.';
  if (word(error, 'MISCONF'))
    return 'Redis takes no writes, since it cannot save its data. Look at its disk and its log.';
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
