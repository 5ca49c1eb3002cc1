/**
 * Reads that are asked for while one is in flight share the next one. It begins after each of them was asked
 * for, so that it is as fresh as a read of their own.
 */
export function joinedReads<A, V>(read: (asked: readonly A[]) => Promise<V>): (about: A) => Promise<V> {
  let next: { readonly asked: A[]; readonly reading: Promise<V> } | undefined;
  let last: Promise<unknown> = Promise.resolve();
  return (about) => {
    if (next !== undefined) {
      next.asked.push(about);
      return next.reading;
    }
    const asked = [about];
    const reading = last.then(() => {
      next = undefined;
      return read(asked);
    });
    next = { asked, reading };
    last = reading.catch(() => undefined);
    return reading;
  };
}
