/** What goes wrong in a schedule, as data: it is drawn, shrunk, stored and replayed. */

/** What happens to one effect of a bot, at the nth time that it is come to. */
export interface PointFault {
  readonly kind: 'point';
  /** Absent: whichever comes to it. */
  readonly bot?: number;
  readonly point: string;
  readonly nth: number;
  /** crash and freeze: before it is passed on, or when it was carried out and its answer is under way. */
  readonly what:
    | 'crash-before'
    | 'crash-after'
    | 'freeze-before'
    | 'freeze-after'
    | 'lose-answer'
    | 'fail'
    | 'hang'
    | 'twice';
}

/** Something that lasts. */
export interface SpanFault {
  readonly kind: 'span';
  readonly at: number;
  readonly lasts: number;
  /** Absent: all of them. */
  readonly bot?: number;
  readonly what:
    | 'frozen'
    | 'api-away'
    | 'api-slow'
    | 'api-erring'
    | 'watches-lag'
    | 'slack-away'
    | 'slack-limited'
    | 'slack-erring'
    | 'socket-away'
    | 'queue-away';
}

/** Something that happens once. */
export interface MomentFault {
  readonly kind: 'moment';
  readonly at: number;
  readonly what:
    | 'crash'
    | 'queue-flushed'
    | 'jobs-twice'
    | 'watches-dropped'
    | 'history-compacted'
    | 'clock-jump';
  readonly bot: number;
  /** Of the clock, in milliseconds. */
  readonly by?: number;
}

export type Fault = PointFault | SpanFault | MomentFault;
