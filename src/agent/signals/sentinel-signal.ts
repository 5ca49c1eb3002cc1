import { dpkgStatus } from '../packages/host-packages.ts';
import { timestampOf } from '../host/timestamp.ts';
import { type HostSignal, no, type HostReading, unknown, yes } from './host-signal.ts';
import type { Sentinel } from './sentinel.ts';

export const sentinelOfHost: HostSignal = {
  // The versions of its packages are read from dpkg.
  files: ({ sentinel }) => [sentinel, `${sentinel}.pkgs`, dpkgStatus],
  read: ({ sentinel }) => sentinelReading(sentinel),
};

/** `says` is what the content of the file adds. */
export function sentinelReading(sentinel: Sentinel, says?: string): HostReading {
  if (sentinel.required === 'unknown') return unknown(sentinel.reason);
  return sentinel.required === 'no' ? no : yes(says, timestampOf(sentinel.since));
}
