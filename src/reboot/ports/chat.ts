import type { CardData } from '../words/card-facts.ts';
import type { ChatRecord } from '../state/chat-record.ts';
import type { NoticePlace, Notice } from '../signals/node-note.ts';
import type { Instant } from './time.ts';
import type { UnreadableNotice } from '../words/unreadable.ts';
import type { RefusedConfigNotice } from './refused-config.ts';

export interface Chat {
  /**
   * Brings the card and its thread to what `data` says, telling `save` of each reference as soon as it
   * exists. Does nothing when the hashes in the record say that it is shown already. A first post that may
   * have happened is looked for first.
   *
   * Edits that are put off for the sake of rate limits follow by themselves, and `save` is then called after
   * `show` has returned.
   */
  show(data: CardData, save: (record: ChatRecord) => Promise<void>): Promise<void>;
  /** Whether a notice that was begun earlier is in its channel. */
  hasNotice(place: NoticePlace, begun: Instant): Promise<boolean>;
  /** Posts a message of its own. */
  notify(notice: Notice): Promise<void>;
  /** Of a record that cannot be read; the channel is searched first. */
  report(notice: UnreadableNotice): Promise<void>;
  /** Of a configuration that was refused; the channel is searched first. */
  reportConfig(notice: RefusedConfigNotice): Promise<void>;
}
