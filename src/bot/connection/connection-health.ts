/** Health of one part of the Slack side. */
export interface Health {
  readonly ok: boolean;
  /** For people: the cause and the remedy. */
  readonly why?: string;
  /** Slack is connected: a problem to fix, not an outage. */
  readonly flaw?: true;
}
