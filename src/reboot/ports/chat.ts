import type { CardData } from '../card/card-facts.ts';
import type { PoolDigestData } from '../pool-digest/message/digest-facts.ts';
import type { DigestChat } from '../pool-digest/pool-digest.ts';
import type { ChatRecord } from '../state/chat-record.ts';
import type { NoticePlace, Notice } from '../nodes/node-note.ts';
import type { Instant } from '../time/time.ts';
import type { UnreadableNotice } from '../words/unreadable.ts';
import type { NotAppliedNotice } from './decisions/many-decisions.ts';
import type { RefusedConfigNotice } from './refused-config.ts';

export interface Chat {
  /**
   * Updates the card and its thread to `data`, and calls `save` with each message reference as soon as it
   * exists. Does nothing when the hashes in the record match. Before a first post, the channel is searched
   * for an earlier one.
   *
   * Edits that rate limits delay are sent later, and `save` is then called after `show` has returned.
   */
  show(data: CardData, save: (record: ChatRecord) => Promise<void>): Promise<void>;
  /**
   * Updates the message of a pool digest to `data`, in the same way as `show`: `save` is called with the
   * intent before a first post, and with each reference and hash as soon as it exists. `chat` of the data is
   * the stored record, and what this process has saved later wins over it.
   */
  showDigest(data: PoolDigestData, save: (record: DigestChat) => Promise<void>): Promise<void>;
  /** Whether a notice that was claimed earlier is in its channel. */
  hasNotice(place: NoticePlace, begun: Instant): Promise<boolean>;
  /** Posts the notice as a separate message. */
  notify(notice: Notice): Promise<void>;
  /** Posts a notice about a record that cannot be read, unless the channel already has it. */
  report(notice: UnreadableNotice): Promise<void>;
  /** Posts a notice about a rejected configuration, unless the channel already has it. */
  reportConfig(notice: RefusedConfigNotice): Promise<void>;
  /** Posts which nodes a decision on a list was not applied to, unless the channel already has it. */
  reportNotApplied(notice: NotAppliedNotice): Promise<void>;
}
