import { changeFeed } from './change-feed.ts';
import type { Reflector } from './reflector.ts';
import type { ViewListener } from './view-cache.ts';

/** One user's share of a watch. */
export interface SharedWatch<V> {
  /** Resolves once the collection is listed. Rejects where that list fails. */
  readonly begin: () => Promise<void>;
  readonly values: () => Iterable<V>;
  /** Ends the watch, where no other user is left; resolves when it has ended. */
  readonly leave: () => Promise<void>;
}

/** One watch for all that need it at the time: begun for the first of them, ended with the last. */
export interface SharedReflector<V> {
  /** Requests nothing before `begin`. `onChange` is called as a reflector's. */
  readonly join: (onChange: ViewListener<V>) => SharedWatch<V>;
}

interface Running<V> {
  readonly reflector: Reflector<V>;
  readonly over: AbortController;
  readonly listed: Promise<void>;
  readonly ended: Promise<void>;
}

export function sharedReflector<V>(create: (onChange: ViewListener<V>) => Reflector<V>): SharedReflector<V> {
  const feed = changeFeed<Parameters<ViewListener<V>>>();
  let users = 0;
  let current: Running<V> | undefined;

  function start(): Running<V> {
    const over = new AbortController();
    const reflector = create((...change) => feed.publish(change));
    const listed = reflector.begin(over.signal);
    const failed = (): void => {
      // The next user tries again.
      if (current === running) current = undefined;
    };
    const ended = listed.then(() => reflector.run(over.signal), failed);
    const running: Running<V> = { reflector, over, listed, ended };
    return running;
  }

  async function end(): Promise<void> {
    const last = current;
    current = undefined;
    last?.over.abort();
    await last?.ended;
  }

  return {
    join(onChange) {
      users += 1;
      let isIn = true;
      const unsubscribe = feed.subscribe((change) => onChange(...change));
      return {
        begin: () => (current ??= start()).listed,
        values: () => current?.reflector.values() ?? [],
        async leave() {
          unsubscribe();
          users -= isIn ? 1 : 0;
          isIn = false;
          if (users === 0) await end();
        },
      };
    },
  };
}
