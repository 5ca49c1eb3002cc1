/** Posts what concerns no single Reboot, once: one that was begun before is looked for first. */
import type { Logger, Notice } from '../reboot/ports.ts';
import { metadataTypes } from './action-ids.ts';
import { findMessage } from './find-message.ts';
import type { Gateway } from './gateway.ts';
import { notice as noticeView } from './views/notice.ts';

export async function postNotice(
  { gateway, logger }: { readonly gateway: Gateway; readonly logger: Logger },
  notice: Notice,
): Promise<void> {
  const { channel, cluster, key, begun } = notice;
  const metadata = { event_type: metadataTypes.notice, event_payload: { cluster, key } };
  if (begun !== undefined && (await findMessage(gateway, logger, { channel, metadata, since: begun })))
    return;
  await gateway.post({ channel, view: noticeView(notice), metadata, urgency: 'phase' });
}
