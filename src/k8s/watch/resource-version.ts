const decimal = /^[1-9][0-9]{0,127}$/;

/**
 * Whether `a` is newer than `b`. Resource versions of one resource are increasing decimal numbers (KEP-5504,
 * GA in 1.35; with etcd it was always so). Undefined for other formats.
 */
export function isNewer(a: string, b: string): boolean | undefined {
  if (!decimal.test(a) || !decimal.test(b)) return undefined;
  if (a.length !== b.length) return a.length > b.length;
  return a > b;
}
