/**
 * The App Home. It is published when a person opens it, after each of their clicks in it, and whenever what
 * it shows has changed. Slack does not say when it is closed: it is kept up to date for some minutes.
 */
import type { KnownBlock } from '@slack/types';
import type { Decisions, HomeView } from '../../reboot/ports/decisions.ts';
import type { Logger } from '../../reboot/ports/logger.ts';
import { type Clock, type Instant, type Millis, minute, second } from '../../reboot/time/time.ts';
import type { Sleep } from '../../timing/sleep.ts';
import { createTimer } from '../../timing/timer.ts';
import type { HomeTab, MessageView } from '../blocks.ts';
import type { Gateway } from '../connection/gateway.ts';
import { refusalCode } from '../connection/slack-errors.ts';
import type { Directory } from '../directory.ts';
import { errorSentence } from '../error-sentence.ts';
import type { LinkTo } from '../views/answers/status-rows.ts';
import { homeTabOf } from '../views/home/home-tab.ts';

export interface HomeOptions {
  readonly clusters: ReadonlyMap<string, Decisions>;
  readonly directory: Directory;
  readonly gateway: Gateway;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly logger: Logger;
  readonly linkTo: LinkTo;
  readonly signal: AbortSignal;
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

/** How long it is kept up to date after the person has opened or used it. */
const watchedFor: Millis = 15 * minute;
/** How often it is compared with what it shows. */
const comparedEvery: Millis = 5 * second;
/** People whose Home is kept up to date. Beyond it, those who opened theirs first open it anew. */
const mostViewers = 100;

interface Watched {
  readonly viewer: Viewer;
  until: Instant;
  answer: readonly KnownBlock[];
  /** What is shown, and Slack's hash of it. */
  shown?: { readonly text: string; readonly hash: string | undefined };
  /** Publications of one person follow each other. */
  publishing: Promise<void>;
}

export function createHome(options: HomeOptions): Home {
  const { clock, sleep, signal } = options;
  const watched = new Map<string, Watched>();
  const timer = createTimer({ clock, sleep }, () => void compareAll());
  signal.addEventListener('abort', () => timer.stop());

  const compareAll = async (): Promise<void> => {
    const now = clock.now();
    for (const [userId, { until }] of watched) if (until <= now) watched.delete(userId);
    await Promise.all([...watched.values()].map((each) => publish(each)));
    if (watched.size > 0) timer.set(clock.now() + comparedEvery);
  };

  const publish = (home: Watched, always = false): Promise<void> => {
    const run = async (): Promise<void> => {
      const isKept = await publishIfChanged(options, home, always);
      if (!isKept && watched.get(home.viewer.userId) === home) watched.delete(home.viewer.userId);
    };
    home.publishing = home.publishing.then(run);
    return home.publishing;
  };

  const watch = (viewer: Viewer, answer: readonly KnownBlock[]): Watched => {
    const known = watched.get(viewer.userId);
    watched.delete(viewer.userId);
    const home: Watched = known ?? { viewer, until: 0, answer, publishing: Promise.resolve() };
    home.until = clock.now() + watchedFor;
    home.answer = answer;
    watched.set(viewer.userId, home);
    const oldest = watched.size > mostViewers ? watched.keys().next().value : undefined;
    if (oldest !== undefined) watched.delete(oldest);
    timer.set(clock.now() + comparedEvery);
    return home;
  };

  return {
    opened: (viewer) => publish(watch(viewer, []), true),
    answer: (viewer, view) => publish(watch(viewer, view?.blocks ?? [])),
  };
}

/**
 * Returns whether it is to be kept up to date: not after Slack has refused it, nor when another bot has
 * published it meanwhile, which keeps it then.
 */
async function publishIfChanged(options: HomeOptions, home: Watched, always: boolean): Promise<boolean> {
  const { gateway, logger } = options;
  const { viewer, shown } = home;
  const view = await tabFor(options, home);
  const text = JSON.stringify(view);
  if (text === shown?.text && !always) return true;
  try {
    const hash = always ? undefined : shown?.hash;
    const answer = await gateway.call('views.publish', {
      user_id: viewer.userId,
      view,
      ...(hash === undefined ? {} : { hash }),
    });
    home.shown = { text, hash: hashOf(answer['view']) };
    return true;
  } catch (error) {
    if (refusalCode(error) !== 'hash_conflict')
      logger.warn('home could not be published', { user: viewer.userId, err: error });
    return false;
  }
}

const hashOf = (view: unknown): string | undefined =>
  typeof view === 'object' && view !== null && 'hash' in view && typeof view.hash === 'string'
    ? view.hash
    : undefined;

async function tabFor({ clusters, directory, logger, linkTo }: HomeOptions, home: Watched): Promise<HomeTab> {
  const { viewer, answer } = home;
  const views: HomeView[] = [];
  const troubles: string[] = [];
  try {
    const { person } = await directory.identify(viewer.userId, viewer.teamId);
    for (const decisions of clusters.values()) views.push(await decisions.home(person));
  } catch (error) {
    logger.error('home could not be read', { user: viewer.userId, err: error });
    troubles.push(errorSentence(error));
  }
  return homeTabOf({ clusters: views, troubles }, { linkTo, answer });
}
