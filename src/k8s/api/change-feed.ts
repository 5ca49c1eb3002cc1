export interface ChangeFeed<C> {
  readonly publish: (change: C) => void;
  /** Returns how to stop. */
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
      // One listener's mistake is no reason for the others not to hear; the publisher logs it.
      if (errors.length > 0) throw errors.length === 1 ? errors[0] : new AggregateError(errors);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
