/**
 * Views of Slack that follow what they show: App Homes and modals. Slack does not say when a person looks
 * away: a view is kept up to date for some minutes after it was opened or used.
 */
import type { Logger } from '../../reboot/ports/logger.ts';
import { type Clock, type Instant, type Millis, minute, second } from '../../reboot/time/time.ts';
import type { Sleep } from '../../timing/sleep.ts';
import { createTimer } from '../../timing/timer.ts';
import type { SlackAnswer } from '../connection/gateway.ts';
import { refusalCode } from '../connection/slack-errors.ts';

export interface LiveView {
  /** One for each view of Slack. Another view of the same key replaces it. */
  readonly key: string;
  /** What it shows now. Must not reject. */
  render(): Promise<object>;
  /** `hash`: of what Slack shows; absent where it is replaced whatever it shows. */
  publish(view: object, hash: string | undefined): Promise<SlackAnswer>;
}

export interface LiveViews {
  /** Publishes it if it has changed, or `always`, and keeps it up to date. Never rejects. */
  show(view: LiveView, always?: 'always'): Promise<void>;
}

export interface LiveViewsOptions {
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

const watchedFor: Millis = 15 * minute;
/** How often it is compared with what it shows. */
const comparedEvery: Millis = 5 * second;
/** Maximum number of views. Beyond it the one used longest ago is no longer updated. */
const mostViews = 100;

/** The view was closed, or another bot has published it meanwhile and keeps it up to date. */
const notOurs: ReadonlySet<string> = new Set(['not_found', 'hash_conflict']);

interface Watched {
  view: LiveView;
  until: Instant;
  /** What is shown, and Slack's hash of it. */
  shown?: { readonly text: string; readonly hash: string | undefined };
  /** Publications of one view follow each other. */
  publishing: Promise<void>;
}

export function createLiveViews({ clock, sleep, logger, signal }: LiveViewsOptions): LiveViews {
  const watched = new Map<string, Watched>();
  const timer = createTimer({ clock, sleep }, () => void compareAll());
  signal.addEventListener('abort', () => timer.stop());

  const compareAll = async (): Promise<void> => {
    const now = clock.now();
    for (const [key, { until }] of watched) if (until <= now) watched.delete(key);
    await Promise.all([...watched.values()].map((each) => publish(each)));
    if (watched.size > 0) timer.set(clock.now() + comparedEvery);
  };

  const publish = (each: Watched, always = false): Promise<void> => {
    const run = async (): Promise<void> => {
      const isOurs = await publishIfChanged(each, always, logger);
      if (!isOurs && watched.get(each.view.key) === each) watched.delete(each.view.key);
    };
    each.publishing = each.publishing.then(run);
    return each.publishing;
  };

  const watch = (view: LiveView): Watched => {
    const each = watched.get(view.key) ?? { view, until: 0, publishing: Promise.resolve() };
    watched.delete(view.key);
    each.view = view;
    each.until = clock.now() + watchedFor;
    watched.set(view.key, each);
    const oldest = watched.size > mostViews ? watched.keys().next().value : undefined;
    if (oldest !== undefined) watched.delete(oldest);
    timer.set(clock.now() + comparedEvery);
    return each;
  };

  return { show: (view, always) => publish(watch(view), always === 'always') };
}

/** Returns whether it is still to be kept up to date. */
async function publishIfChanged(each: Watched, always: boolean, logger: Logger): Promise<boolean> {
  const { view, shown } = each;
  const content = await view.render();
  const text = JSON.stringify(content);
  if (text === shown?.text && !always) return true;
  try {
    const answer = await view.publish(content, always ? undefined : shown?.hash);
    each.shown = { text, hash: slackHashOf(answer['view']) };
    return true;
  } catch (error) {
    if (!notOurs.has(refusalCode(error) ?? ''))
      logger.warn('view could not be published', { view: view.key, err: error });
    return false;
  }
}

const slackHashOf = (view: unknown): string | undefined =>
  typeof view === 'object' && view !== null && 'hash' in view && typeof view.hash === 'string'
    ? view.hash
    : undefined;
