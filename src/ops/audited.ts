/**
 * The messages that record a decision: who decided what, and on what. They are logged at every level, with
 * `audit: true`, and are what the webhook of `audit` receives.
 */
export const auditedMessages: ReadonlySet<string> = new Set([
  'decision taken',
  'decision rejected',
  'decision lapsed',
  'decision for many taken',
  'reboot requested',
  'reboots paused',
  'reboots resumed',
]);

/** A line of the log, as data. */
export type AuditRecord = Readonly<Record<string, unknown>>;
