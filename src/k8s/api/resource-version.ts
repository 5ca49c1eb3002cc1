const decimal = /^[1-9][0-9]{0,127}$/;

/**
 * Whether `a` is newer than `b`. Resource versions of one resource are decimal numbers that grow (KEP-5504,
 * GA in 1.35, true of etcd ever since); of anything else nothing is known.
 */
export function isNewer(a: string, b: string): boolean | undefined {
  if (!decimal.test(a) || !decimal.test(b)) return undefined;
  if (a.length !== b.length) return a.length > b.length;
  return a > b;
}
