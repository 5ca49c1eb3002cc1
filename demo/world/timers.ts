/** Time and randomness, passed in so that tests control them. */
export interface Timers {
  now(): number;
  random(): number;
  /** Rejects when aborted. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** A range from which a duration is drawn. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export const draw = (span: Span, timers: Timers): number =>
  span.from + timers.random() * (span.to - span.from);

export interface Timing {
  readonly podStart: Span;
  readonly podStop: Span;
  readonly boot: Span;
  /** How often a kubelet renews its node's lease. */
  readonly lease: number;
  /** Age of a lease after which its node counts as not ready. */
  readonly nodeGrace: number;
}

export const demoTiming: Timing = {
  podStart: { from: 400, to: 1200 },
  podStop: { from: 1200, to: 4000 },
  boot: { from: 3000, to: 4000 },
  lease: 2000,
  nodeGrace: 8000,
};

export const fastTiming: Timing = {
  podStart: { from: 5, to: 20 },
  podStop: { from: 5, to: 20 },
  boot: { from: 40, to: 60 },
  lease: 500,
  nodeGrace: 4000,
};
