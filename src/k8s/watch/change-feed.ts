export interface ChangeFeed<C> {
  readonly publish: (change: C) => void;
  /** Returns the function that unsubscribes. */
  readonly subscribe: (listener: (change: C) => void) => () => void;
}

export function changeFeed<C>(): ChangeFeed<C> {
  const listeners = new Set<(change: C) => void>();
  return {
    publish(change) {
      const errors: unknown[] = [];
      for (const listener of listeners) {
        try {
          listener(change);
        } catch (error) {
          errors.push(error);
        }
      }
      // An error in one listener must not keep the event from the others; the caller of `publish` logs it.
      if (errors.length > 0) throw errors.length === 1 ? errors[0] : new AggregateError(errors);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
