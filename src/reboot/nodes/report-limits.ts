/** Limits of a report, and the names that it uses. The agent has them too: no package is imported here. */

/** A report must stay far below etcd's object size, whatever the host's files contain. */
export const reportLimits = {
  packages: 200,
  /** More than any host has installed. A larger number has no meaning. */
  packagesLeftOut: 100_000,
  nameLength: 128,
  versionLength: 96,
  reasonLength: 300,
  /** Boot IDs, and versions of the agent. */
  idLength: 64,
  /** Number of signals of one host, and of packages that one signal may name. */
  signals: 20,
  signalName: 63,
  signalPackages: 50,
  otherRebooters: 10,
} as const;

export const otherRebooterNames = [
  'locksmithd',
  'rebootmgr',
  'zincati',
  'shutdown',
  'unattended-upgrades',
  'dnf-automatic',
] as const;
export type OtherRebooterName = (typeof otherRebooterNames)[number];
