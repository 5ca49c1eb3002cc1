/** The notice about an unreadable record, whose card may be outdated. */
import type { UnreadableNotice } from '../../reboot/words/unreadable.ts';
import { context, header, lines, message, type MessageView } from '../blocks/blocks.ts';
import { say } from '../blocks/escape.ts';
import { icons } from './phrases.ts';

export function unreadable({ cluster, pool, node, sentence }: UnreadableNotice): MessageView {
  const title = `${icons.failed} The reboot of ${node} cannot be read`;
  const body = say`${sentence}`;
  return message(say`${title} · ${cluster}\n${body}`, [
    header(title),
    context(say`${cluster} · pool ${pool}`),
    ...lines([body, say`Its card stays as it was, and may not be true any more.`]),
    context(say`Said once.`),
  ]);
}
