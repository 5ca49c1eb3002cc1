import type { Reboot } from '../state/reboot.ts';
import type { Millis } from '../time/time.ts';

/**
 * What is counted while it happens. State is not reported here: the metrics read it when they are scraped.
 * Adapter: src/ops/metrics. Methods never throw.
 */
export interface Meter {
  /** This process has stored the Reboot in another state. Called by the one replica whose save won. */
  saved(before: Reboot, after: Reboot): void;
  /** A job of the queue has ended. `ok` is false if it failed and is tried again, or was dropped. */
  jobEnded(name: string, took: Millis, ok: boolean): void;
  /** The API server has answered a request to evict or delete a pod. */
  evicted(answer: string): void;
  /** A call of Slack's Web API has ended. */
  slackCalled(method: string, result: 'ok' | 'rate-limited' | 'refused' | 'unreachable'): void;
  /** A payload has come through the connection to Slack. */
  slackPayload(): void;
  /** A watch of the API server was interrupted or has expired. */
  watchFailed(what: string): void;
}

/** Counts nothing. */
export const noMeter: Meter = {
  saved: () => undefined,
  jobEnded: () => undefined,
  evicted: () => undefined,
  slackCalled: () => undefined,
  slackPayload: () => undefined,
  watchFailed: () => undefined,
};
