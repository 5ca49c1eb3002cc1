import type { ChangeFeed } from '../change-feed.ts';
import type { SlackClock } from '../clock.ts';
import type { Ids } from '../ids.ts';
import type { SocketHub } from '../socket/socket-hub.ts';
import type { ViewStore } from '../workspace/view-store.ts';
import type { Workspace } from '../workspace/workspace.ts';
import type { ResponseUrls } from './response-urls.ts';
import type { TriggerIds } from './trigger-ids.ts';

/** Dependencies of the actions of people. */
export interface ActDeps {
  readonly workspace: Workspace;
  readonly views: ViewStore;
  readonly hub: SocketHub;
  readonly triggers: TriggerIds;
  readonly responseUrls: ResponseUrls;
  readonly changes: ChangeFeed;
  readonly clock: SlackClock;
  readonly ids: Ids;
}
