/** Wakes whoever waits. Muffle it before reading what it rings for: then a ring in between is not lost. */
export interface Bell {
  ring(): void;
  muffle(): void;
  heard(): Promise<void>;
}

export function createBell(): Bell {
  let next = Promise.withResolvers<void>();
  return {
    ring: () => next.resolve(),
    muffle() {
      next = Promise.withResolvers<void>();
    },
    heard: () => next.promise,
  };
}
