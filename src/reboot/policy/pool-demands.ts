/** The decisions that a pool may demand a reason for. A denial and a forced drain always have one. */
export const reasonedKinds = ['approve', 'snooze', 'ask-again', 'cancel', 'retry', 'skip'] as const;
export type ReasonedKind = (typeof reasonedKinds)[number];

/** `matches`, a regular expression, describes a whole change ticket; `example` is one, for people. */
export interface ChangeTickets {
  readonly matches: string;
  readonly example: string;
}

/** Bound of what is stored and shown. The expression is tried on no more than this. */
export const longestTicket = 64;

export const isTicket = ({ matches }: Pick<ChangeTickets, 'matches'>, ticket: string): boolean =>
  ticket.length <= longestTicket && new RegExp(`^(?:${matches})$`, 'u').test(ticket);
