import type { SlackClock } from './clock.ts';

/** What has changed; listeners read the details from the workspace. */
export type Change =
  | { readonly kind: 'message'; readonly channel: string; readonly ts: string }
  | { readonly kind: 'ephemeral'; readonly user: string; readonly ts: string }
  | { readonly kind: 'ephemeral-gone'; readonly user: string; readonly ts: string }
  | { readonly kind: 'modal'; readonly user: string }
  | { readonly kind: 'home'; readonly user: string }
  | { readonly kind: 'action'; readonly mark: ActionMark }
  | { readonly kind: 'sockets'; readonly open: number }
  | { readonly kind: 'call' }
  | { readonly kind: 'frame' };

/** State of a pressed button for the person who pressed it: waiting, idle, or with Slack's warning sign. */
export interface ActionMark {
  readonly user: string;
  /** A message's ts, or a view's id. */
  readonly container: string;
  readonly blockId: string;
  readonly actionId: string;
  readonly state: 'busy' | 'idle' | 'failed';
}

export interface ChangeFeed {
  emit(change: Change): void;
  subscribe(listener: (change: Change) => void): () => void;
  /** Resolves with the first truthy result, evaluated now and after each change. */
  until<T>(probe: () => T | undefined | false, timeoutMs: number, what?: string): Promise<T>;
}

export function createChangeFeed(clock: SlackClock): ChangeFeed {
  const listeners = new Set<(change: Change) => void>();
  const subscribe = (listener: (change: Change) => void) => {
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  };
  return {
    emit(change) {
      // A copy, since a listener may unsubscribe during its call.
      for (const listener of Array.from(listeners)) listener(change);
    },
    subscribe,
    until(probe, timeoutMs, what = 'the awaited change') {
      return new Promise((resolve, reject) => {
        const stop = (): void => {
          unsubscribe();
          cancel();
        };
        const attempt = (): void => {
          try {
            const found = probe();
            if (found === undefined || found === false) return;
            stop();
            resolve(found);
          } catch (error) {
            stop();
            reject(error);
          }
        };
        const unsubscribe = subscribe(attempt);
        const cancel = clock.after(timeoutMs, () => {
          unsubscribe();
          reject(new Error(`${what} did not come within ${timeoutMs} ms`));
        });
        attempt();
      });
    },
  };
}
