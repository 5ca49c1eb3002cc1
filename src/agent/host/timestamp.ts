/** The last millisecond that RFC 3339 can express (year 9999). */
const maxTimestamp = 253_402_300_799_999;

/** As RFC 3339; undefined if that cannot express it, since a file may have any time. */
export const timestampOf = (ms: number): string | undefined =>
  ms >= 0 && ms <= maxTimestamp ? new Date(ms).toISOString() : undefined;
