/** The App Home: published when a person opens it, and after each of their clicks in it. */
import type { KnownBlock } from '@slack/types';
import type { Decisions, HomeView } from '../../reboot/ports/decisions/decisions.ts';
import type { Logger } from '../../reboot/ports/logger.ts';
import type { HomeTab, MessageView } from '../blocks/blocks.ts';
import type { Gateway } from '../connection/gateway.ts';
import type { Directory } from '../people/directory.ts';
import { errorSentence } from '../error-sentence.ts';
import type { LiveView, LiveViews } from '../live/live-views.ts';
import type { LinkTo } from '../views/answers/status-rows.ts';
import { homeTabOf } from '../views/home/home-tab.ts';

export interface HomeOptions {
  readonly clusters: ReadonlyMap<string, Decisions>;
  readonly directory: Directory;
  readonly gateway: Gateway;
  readonly live: LiveViews;
  readonly logger: Logger;
  readonly linkTo: LinkTo;
}

export interface Viewer {
  readonly userId: string;
  readonly teamId: string | undefined;
}

export interface Home {
  /** The person looks at it now. Never rejects. */
  opened(viewer: Viewer): Promise<void>;
  /** Shows the answer to a click above everything, or only what has changed. Never rejects. */
  answer(viewer: Viewer, view?: MessageView): Promise<void>;
}

export function createHome(options: HomeOptions): Home {
  const viewOf = (viewer: Viewer, answer: readonly KnownBlock[]): LiveView => ({
    key: `home of ${viewer.userId}`,
    render: () => tabFor(options, viewer, answer),
    publish: (view, hash) =>
      options.gateway.call('views.publish', {
        user_id: viewer.userId,
        view,
        ...(hash === undefined ? {} : { hash }),
      }),
  });
  return {
    opened: (viewer) => options.live.show(viewOf(viewer, []), 'always'),
    answer: (viewer, view) => options.live.show(viewOf(viewer, view?.blocks ?? [])),
  };
}

async function tabFor(
  { clusters, directory, logger, linkTo }: HomeOptions,
  viewer: Viewer,
  answer: readonly KnownBlock[],
): Promise<HomeTab> {
  const views: HomeView[] = [];
  const troubles: string[] = [];
  const trouble = (error: unknown, cluster?: string): void => {
    logger.error('home could not be read', { user: viewer.userId, err: error });
    troubles.push(cluster === undefined ? errorSentence(error) : `${cluster}: ${errorSentence(error)}`);
  };
  try {
    const { person } = await directory.identify(viewer.userId, viewer.teamId);
    // One cluster that does not answer hides no other.
    const answers = await Promise.allSettled([...clusters.values()].map((each) => each.home(person)));
    const names = [...clusters.keys()];
    for (const [nth, each] of answers.entries()) {
      if (each.status === 'fulfilled') views.push(each.value);
      else trouble(each.reason, clusters.size > 1 ? names[nth] : undefined);
    }
  } catch (error) {
    trouble(error);
  }
  return homeTabOf({ clusters: views, troubles }, { linkTo, answer });
}
