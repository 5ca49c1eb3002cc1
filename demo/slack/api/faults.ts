/** What goes wrong instead of the answer. The `-after` kinds do the work first and lose the answer. */
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
  /** How many calls it hits; one when not given. */
  readonly times?: number;
  readonly do: FaultKind;
}

export interface Faults {
  add(fault: Fault): void;
  clear(): void;
  /** The fault that hits this call, used up by it. */
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
