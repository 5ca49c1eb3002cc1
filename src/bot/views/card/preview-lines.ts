/** The answer to `/reboot plan NODE`: the impact of a drain at present. */
import type { NodePreview } from '../../../reboot/ports/decisions/decisions.ts';
import { message, type MessageView, section } from '../../blocks/blocks.ts';
import { say } from '../../blocks/escape.ts';
import { impactList } from './impact-lines.ts';

export function previewAnswer({ node, pool, impact }: NodePreview): MessageView {
  const title = say`*${node}*, pool ${pool}: what its reboot would disturb. Nothing was changed.`;
  return message(title, [section(title), ...impactList(impact)]);
}
