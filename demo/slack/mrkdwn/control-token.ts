import { decodeEntities } from './entities.ts';
import { isSafeUrl, type TextNode } from './nodes.ts';

const text = (value: string): TextNode => ({ t: 'text', text: decodeEntities(value) });

/** The content of `<` and `>`: a mention, a date, a broadcast or a link. */
export function controlToken(inside: string): TextNode {
  const bar = inside.indexOf('|');
  const target = bar < 0 ? inside : inside.slice(0, bar);
  const label = bar < 0 ? '' : decodeEntities(inside.slice(bar + 1));
  if (/^@[UW][A-Z0-9]+$/.test(target)) return { t: 'user', id: target.slice(1), label };
  if (/^#C[A-Z0-9]+$/.test(target)) return { t: 'channel', id: target.slice(1), label };
  if (target.startsWith('!')) return command(target.slice(1), label);
  const url = decodeEntities(target);
  if (!isSafeUrl(url)) return text(`<${inside}>`);
  return { t: 'link', url, kids: [{ t: 'text', text: label || url }] };
}

function command(target: string, label: string): TextNode {
  const [name = '', ...rest] = target.split('^');
  if (name === 'subteam') return { t: 'group', id: rest[0] ?? '', label: label.replace(/^@/, '') };
  if (name === 'date') return date(rest, label);
  if (['here', 'channel', 'everyone'].includes(name)) return { t: 'broadcast', range: name };
  return { t: 'text', text: label || `<!${target}>` };
}

function date([unix = '', format = '', link = '']: readonly string[], fallback: string): TextNode {
  // Slack shows the fallback if the time is invalid.
  if (!/^\d{1,12}$/.test(unix)) return { t: 'text', text: fallback };
  const url = decodeEntities(link);
  return {
    t: 'date',
    unix: Number(unix),
    format: decodeEntities(format),
    fallback,
    ...(isSafeUrl(url) ? { url } : {}),
  };
}
