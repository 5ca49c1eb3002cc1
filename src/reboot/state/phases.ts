/** The phases, in the order of a successful reboot, then those that end one otherwise. */
export const phases = [
  'Pending',
  'Snoozed',
  'Denied',
  'Approved',
  'Draining',
  'Undoing',
  'Rebooting',
  'Settling',
  'Succeeded',
  'Failed',
  'GivenUp',
  'Cancelled',
  'Superseded',
] as const;
export type Phase = (typeof phases)[number];
