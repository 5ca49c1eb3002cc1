/** Messages that belong to no single Reboot; found again by their metadata. */
import type { Logger } from '../../reboot/ports/logger.ts';
import type { Notice, NoticePlace } from '../../reboot/nodes/node-note.ts';
import type { Instant } from '../../reboot/time/time.ts';
import type { RefusedConfigNotice } from '../../reboot/ports/refused-config.ts';
import type { NotAppliedNotice } from '../../reboot/ports/decisions/many-decisions.ts';
import type { UnreadableNotice } from '../../reboot/words/unreadable.ts';
import type { MessageView } from '../blocks/blocks.ts';
import { metadataTypes } from '../payload/action-ids.ts';
import { findMessage } from './find-message.ts';
import type { Gateway, Metadata } from '../connection/gateway.ts';
import { notice as noticeView } from '../views/notice.ts';
import { refusedConfig } from '../views/refused-config-notice.ts';
import { notApplied } from '../views/not-applied-notice.ts';
import { unreadable } from '../views/unreadable-notice.ts';

const noticeMetadata = ({ cluster, key }: NoticePlace): Metadata => ({
  event_type: metadataTypes.notice,
  event_payload: { cluster, key },
});

export async function findNotice(
  { gateway, logger }: { readonly gateway: Gateway; readonly logger: Logger },
  place: NoticePlace,
  begun: Instant,
): Promise<boolean> {
  const wanted = { channel: place.channel, metadata: noticeMetadata(place), since: begun };
  return (await findMessage(gateway, logger, wanted)) !== undefined;
}

export async function postNotice(gateway: Gateway, notice: Notice): Promise<void> {
  const { channel, before } = notice;
  await gateway.post({
    channel,
    view: noticeView(notice),
    metadata: noticeMetadata(notice),
    urgency: 'phase',
    before,
  });
}

interface NoticeDeps {
  readonly gateway: Gateway;
  readonly logger: Logger;
}

/** An unreadable record cannot store that its notice was posted, so that the channel is searched first. */
export const postUnreadableNotice = (chat: NoticeDeps, notice: UnreadableNotice): Promise<void> =>
  postOnce(chat, notice, unreadable(notice));

/** Each replica refuses the file, so that the channel is searched first. */
export const postRefusedConfigNotice = (chat: NoticeDeps, notice: RefusedConfigNotice): Promise<void> =>
  postOnce(chat, notice, refusedConfig(notice));

export const postNotAppliedNotice = (chat: NoticeDeps, notice: NotAppliedNotice): Promise<void> =>
  postOnce(chat, notice, notApplied(notice));

async function postOnce(
  chat: NoticeDeps,
  place: NoticePlace & { readonly since: Instant },
  view: MessageView,
): Promise<void> {
  if (await findNotice(chat, place, place.since)) return;
  await chat.gateway.post({
    channel: place.channel,
    view,
    metadata: noticeMetadata(place),
    urgency: 'phase',
  });
}
