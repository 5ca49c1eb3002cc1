/**
 * What a request meets instead of the server: an answer, a cut connection, silence, or a delay before the
 * real answer.
 */
export type FaultAction =
  | { readonly status: number; readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> }
  | 'reset'
  | 'hang'
  | { readonly delayMs: number };

export interface Fault {
  /** Kubernetes' own verb: get, list, watch, create, update, patch, delete. Absent: any. */
  readonly verb?: string;
  /** Matched against path and query. */
  readonly path?: RegExp;
  readonly user?: string;
  /** How often it strikes. Absent: until it is cleared. */
  readonly times?: number;
  readonly do: FaultAction;
}

/** What a fault looks at of a request. */
export interface FaultSubject {
  readonly verb: string;
  readonly path: string;
  readonly user: string;
}

export interface Faults {
  /** Returns how to take it away again. */
  readonly add: (fault: Fault) => () => void;
  readonly clear: () => void;
  /** Refuses connections and cuts those that are open, as a stopped server does. */
  readonly down: () => Promise<void>;
  /** Listens again, on the same port. */
  readonly up: () => Promise<void>;
}

export interface FaultList {
  readonly add: (fault: Fault) => () => void;
  readonly clear: () => void;
  /** The action of the first fault that matches, which is used up by one. */
  strike(subject: FaultSubject): FaultAction | undefined;
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
    strike(subject) {
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
