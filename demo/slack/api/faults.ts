/** Replaces the response. The `-after` kinds execute the call first and lose the response. */
export type FaultKind =
  | { readonly status: 429; readonly retryAfter: number }
  | { readonly status: 500 | 502 | 503 }
  | { readonly error: string }
  | 'hang'
  | 'reset'
  | 'hang-after'
  | 'reset-after';

export interface Fault {
  /** A Web API method, `response_url`, or `*` for all. */
  readonly method: string;
  /** Number of calls that it applies to; default: one. */
  readonly times?: number;
  readonly do: FaultKind;
}

export interface Faults {
  add(fault: Fault): void;
  clear(): void;
  /** The fault for this call; counts as one of its `times`. */
  take(method: string): FaultKind | undefined;
}

export function createFaults(): Faults {
  let armed: { readonly method: string; left: number; readonly kind: FaultKind }[] = [];
  return {
    add: ({ method, times = 1, do: kind }) => void armed.push({ method, left: times, kind }),
    clear: () => void (armed = []),
    take(method) {
      const hit = armed.find((fault) => fault.method === method || fault.method === '*');
      if (hit === undefined) return undefined;
      hit.left -= 1;
      armed = armed.filter((fault) => fault.left > 0);
      return hit.kind;
    },
  };
}
