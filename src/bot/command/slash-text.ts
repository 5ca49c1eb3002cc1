/**
 * Restores the text of a slash command as typed. With `should_escape`, Slack replaces mentions, channels and
 * everything that looks like a link by tokens (docs.slack.dev, "Implementing slash commands"):
 * `worker-3.example.com` arrives as `<http://worker-3.example.com|worker-3.example.com>`.
 */

/**
 * `<target>` or `<target|label>`. Typed angle brackets arrive as entities, so that each bracket here is
 * Slack's.
 */
const token = /<([^<>|]+)(?:\|([^<>]*))?>/g;

export const commandText = (text: string): string =>
  unescaped(
    text.replaceAll(token, (_token, target: string, label?: string) => textFor(target, label)),
  ).trim();

/** Slack escapes exactly these three. The ampersand is last, or `&amp;lt;` would become a bracket. */
const unescaped = (text: string): string =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

function textFor(target: string, label: string | undefined): string {
  const named = target.slice(1);
  if (target.startsWith('@')) return signed('@', label, named);
  if (target.startsWith('#')) return signed('#', label, named);
  // `!here`, `!subteam^ID|@handle`, `!date^…|fallback`.
  if (target.startsWith('!')) return label || `@${named.replace(/^subteam\^/, '')}`;
  return label || target.replace(/^mailto:/, '');
}

/** Some payloads have the sign in the label, others do not. */
const signed = (sign: '@' | '#', label: string | undefined, id: string): string =>
  label ? `${label.startsWith(sign) ? '' : sign}${label}` : `${sign}${id}`;
