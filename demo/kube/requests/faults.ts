/** What happens to a request instead of, or before, its real response. */
export type FaultAction =
  | { readonly status: number; readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> }
  | 'reset'
  | 'hang'
  | { readonly delayMs: number };

export interface Fault {
  /** The Kubernetes verb: get, list, watch, create, update, patch, delete. Absent: any. */
  readonly verb?: string;
  /** Matched against path and query. */
  readonly path?: RegExp;
  readonly user?: string;
  /** Number of requests that it applies to. Absent: until it is removed. */
  readonly times?: number;
  readonly do: FaultAction;
}

/** The attributes of a request that faults are matched against. */
export interface FaultSubject {
  readonly verb: string;
  readonly path: string;
  readonly user: string;
}

export interface Faults {
  /** Returns a function that removes the fault. */
  readonly add: (fault: Fault) => () => void;
  readonly clear: () => void;
  /** Refuses connections and closes the open ones, as a stopped server does. */
  readonly down: () => Promise<void>;
  /** Listens again, on the same port. */
  readonly up: () => Promise<void>;
}

export interface FaultList {
  readonly add: (fault: Fault) => () => void;
  readonly clear: () => void;
  /** The action of the first matching fault; counts as one of its `times`. */
  take(subject: FaultSubject): FaultAction | undefined;
}

export function createFaultList(): FaultList {
  const active: { fault: Fault; left: number }[] = [];
  const remove = (entry: { fault: Fault; left: number }): void => {
    const index = active.indexOf(entry);
    if (index >= 0) active.splice(index, 1);
  };
  return {
    add(fault) {
      const entry = { fault, left: fault.times ?? Number.POSITIVE_INFINITY };
      active.push(entry);
      return () => remove(entry);
    },
    clear: () => active.splice(0),
    take(subject) {
      const entry = active.find(({ fault }) => matches(fault, subject));
      if (entry === undefined) return undefined;
      entry.left -= 1;
      if (entry.left <= 0) remove(entry);
      return entry.fault.do;
    },
  };
}

function matches(fault: Fault, subject: FaultSubject): boolean {
  if (fault.verb !== undefined && fault.verb !== subject.verb) return false;
  if (fault.user !== undefined && fault.user !== subject.user) return false;
  return (
    fault.path === undefined ||
    new RegExp(fault.path.source, fault.path.flags.replaceAll(/[gy]/g, '')).test(subject.path)
  );
}
