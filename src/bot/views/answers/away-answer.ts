/** In the answer to `/reboot status`: a cluster that cannot be reached. */
import type { ClusterAway } from '../../../reboot/ports/decisions/decisions.ts';
import { lines, message, type MessageView } from '../../blocks/blocks.ts';
import { say, when } from '../../blocks/escape.ts';
import { icons } from '../phrases.ts';

export function awayAnswer({ cluster, since, why }: ClusterAway): MessageView {
  const reason = why === undefined ? say`` : say` ${why}`;
  const text = say`*${cluster}* ${icons.failed} cannot be reached since ${when(since)}.${reason} Nothing is decided or started there until it answers.`;
  return message(text, lines([text]));
}
