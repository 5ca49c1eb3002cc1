/** What concerns no single Reboot: a message of its own, found again by its metadata. */
import type { Logger, Notice, NoticePlace } from '../reboot/ports.ts';
import type { Instant } from '../reboot/time.ts';
import type { UnreadableNotice } from '../reboot/unreadable.ts';
import { metadataTypes } from './action-ids.ts';
import { findMessage } from './find-message.ts';
import type { Gateway, Metadata } from './gateway.ts';
import { notice as noticeView } from './views/notice.ts';
import { unreadable } from './views/unreadable.ts';

const metadataOf = ({ cluster, key }: NoticePlace): Metadata => ({
  event_type: metadataTypes.notice,
  event_payload: { cluster, key },
});

export async function findNotice(
  { gateway, logger }: { readonly gateway: Gateway; readonly logger: Logger },
  place: NoticePlace,
  begun: Instant,
): Promise<boolean> {
  const wanted = { channel: place.channel, metadata: metadataOf(place), since: begun };
  return (await findMessage(gateway, logger, wanted)) !== undefined;
}

export async function postNotice(gateway: Gateway, notice: Notice): Promise<void> {
  const { channel, before } = notice;
  await gateway.post({
    channel,
    view: noticeView(notice),
    metadata: metadataOf(notice),
    urgency: 'phase',
    before,
  });
}

/** Nothing can be stored in a record that cannot be read: the channel itself is asked whether it was told. */
export async function postUnreadable(
  chat: { readonly gateway: Gateway; readonly logger: Logger },
  notice: UnreadableNotice,
): Promise<void> {
  if (await findNotice(chat, notice, notice.since)) return;
  const { channel } = notice;
  const metadata = metadataOf(notice);
  await chat.gateway.post({ channel, view: unreadable(notice), metadata, urgency: 'phase' });
}
