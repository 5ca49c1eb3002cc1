/** What readiness says of one part of the Slack side. */
export interface Health {
  readonly ok: boolean;
  /** For people: what is the matter, and what to do about it. */
  readonly why?: string;
  /** Slack is connected all the same: something to mend, and no outage. */
  readonly flaw?: true;
}
