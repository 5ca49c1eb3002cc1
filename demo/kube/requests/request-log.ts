/** A request as in the audit log of the real server. */
export interface RequestRecord {
  readonly at: number;
  readonly verb: string;
  /** Without the query. */
  readonly path: string;
  readonly query: string;
  readonly user: string;
  readonly userAgent: string;
  readonly status: number;
}

export interface RequestLog {
  add(record: RequestRecord): void;
  readonly all: () => RequestRecord[];
}

/** Bounded, since a demo may run for days. */
export function createRequestLog(limit = 200_000): RequestLog {
  let records: RequestRecord[] = [];
  return {
    add(record) {
      records.push(record);
      if (records.length > limit * 1.25) records = records.slice(-limit);
    },
    all: () => [...records],
  };
}
