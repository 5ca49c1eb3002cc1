/** The one clock of a schedule. Nothing moves it but the next event. */
export type Cancel = () => void;

interface Event {
  readonly at: number;
  readonly nth: number;
  run: (() => void) | undefined;
}

export interface VirtualTime {
  readonly now: () => number;
  readonly after: (ms: number, run: () => void) => Cancel;
  /** Runs what falls due until then, each event with all the promises that it settles. */
  readonly run: (until: number) => Promise<void>;
  /** Events that have run. */
  readonly count: () => number;
}

/** Taken before the guard replaces it: it only lets promises settle, and no time passes. */
const task = setImmediate;
const settled = (): Promise<void> => new Promise((resolve) => void task(resolve));

export function virtualTime(start: number): VirtualTime {
  const heap: Event[] = [];
  let now = start;
  let nth = 0;
  let ran = 0;
  return {
    now: () => now,
    count: () => ran,
    after(ms, run) {
      nth += 1;
      const event: Event = { at: now + Math.max(0, ms), nth, run };
      push(heap, event);
      return () => {
        event.run = undefined;
      };
    },
    async run(until) {
      await settled();
      for (let next = heap[0]; next !== undefined && next.at <= until; next = heap[0]) {
        pop(heap);
        if (next.run === undefined) continue;
        now = Math.max(now, next.at);
        ran += 1;
        next.run();
        await settled();
      }
      now = Math.max(now, until);
    },
  };
}

const isBefore = (one: Event, other: Event): boolean =>
  one.at < other.at || (one.at === other.at && one.nth < other.nth);

function push(heap: Event[], event: Event): void {
  let index = heap.length;
  heap.push(event);
  while (index > 0) {
    const above = (index - 1) >> 1;
    const parent = heap[above];
    if (parent === undefined || !isBefore(event, parent)) break;
    heap[index] = parent;
    index = above;
  }
  heap[index] = event;
}

function pop(heap: Event[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let index = 0;
  for (;;) {
    const child = smallerChild(heap, index);
    const event = heap[child];
    if (event === undefined || !isBefore(event, last)) break;
    heap[index] = event;
    index = child;
  }
  heap[index] = last;
}

function smallerChild(heap: readonly Event[], index: number): number {
  const [left, right] = [heap[2 * index + 1], heap[2 * index + 2]];
  return left !== undefined && right !== undefined && isBefore(right, left) ? 2 * index + 2 : 2 * index + 1;
}
