/**
 * The text of a command as received by an app with `should_escape`: entities for markup characters, and
 * tokens for people, groups, channels, URLs and links. Slack also turns bare host names into links, and node
 * names look like those.
 */
import type { Workspace } from '../workspace/workspace.ts';

/** What a word can be resolved to. */
export type Named = Pick<Workspace, 'users' | 'usergroups' | 'channels'>;

export const escapedText = (workspace: Named, text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .split(/(\s+)/)
    .map((word) => tokenFor(workspace, word) ?? word)
    .join('');

function tokenFor(workspace: Named, word: string): string | undefined {
  const mention = /^([@#])([\w.-]*\w)(.*)$/.exec(word);
  if (mention) {
    const [, sign, name = '', rest = ''] = mention;
    const found = sign === '@' ? personOrGroup(workspace, name) : channel(workspace, name);
    return found === undefined ? undefined : `${found}${rest}`;
  }
  const [bare, trailing] = withoutPunctuation(word);
  if (/^[\w.+-]+@[\w-]+(\.[\w-]+)+$/.test(bare)) return `<mailto:${bare}|${bare}>${trailing}`;
  if (/^https?:\/\/[^\s|]+$/.test(bare)) return `<${bare}>${trailing}`;
  if (hostName.test(bare)) return `<http://${bare}|${bare}>${trailing}`;
  return undefined;
}

/**
 * Ends in one of the top-level domains that Slack links without a scheme; a version such as 6.8.0 does not.
 */
const hostName = /^[a-z0-9-]+(\.[a-z0-9-]+)*\.(com|org|net|io|dev|cloud|de|eu|uk|fr|internal)(\/\S*)?$/i;

function withoutPunctuation(word: string): readonly [string, string] {
  const trailing = /[.,;:!?)]*$/.exec(word)?.[0] ?? '';
  return [word.slice(0, word.length - trailing.length), trailing];
}

function personOrGroup(workspace: Named, name: string): string | undefined {
  const user = workspace.users().find((someone) => someone.name === name);
  if (user !== undefined) return `<@${user.id}|${user.name}>`;
  const group = workspace.usergroups().find(({ handle }) => handle === name);
  return group === undefined ? undefined : `<!subteam^${group.id}|@${group.handle}>`;
}

function channel(workspace: Named, name: string): string | undefined {
  const found = workspace.channels().find((other) => other.name === name);
  return found === undefined ? undefined : `<#${found.id}|${found.name}>`;
}
