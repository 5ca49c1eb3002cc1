/** Annotations by which pods ask to be left alone. Pure. */

/** `key`, whatever its value, or `key=value`. */
export type WantedAnnotation = string;

/** What the card counts where a pool names none: those of Karpenter and of the cluster autoscaler. */
export const usualAnnotations: readonly WantedAnnotation[] = [
  'karpenter.sh/do-not-disrupt=true',
  'cluster-autoscaler.kubernetes.io/safe-to-evict=false',
];

/** The first of these that a pod bears, as "key: value"; undefined where it bears none. */
export function askedBy(
  annotations: Readonly<Record<string, string>>,
  wanted: readonly WantedAnnotation[],
): string | undefined {
  for (const each of wanted) {
    const [key = '', ...rest] = each.split('=');
    const found = Object.hasOwn(annotations, key) ? annotations[key] : undefined;
    if (found === undefined || (rest.length > 0 && rest.join('=') !== found)) continue;
    return found === '' ? key : `${key}: ${found}`.slice(0, longest);
  }
  return undefined;
}

/** Values may be as long as an object. */
const longest = 300;
