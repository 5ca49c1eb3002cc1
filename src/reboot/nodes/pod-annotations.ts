/** Pod annotations that ask for the pod not to be disrupted. Pure. */

/** `key` matches any value; `key=value` matches that value. */
export type WantedAnnotation = string;

/** The default where a pool configures none: the annotations of Karpenter and of the cluster autoscaler. */
export const usualAnnotations: readonly WantedAnnotation[] = [
  'karpenter.sh/do-not-disrupt=true',
  'cluster-autoscaler.kubernetes.io/safe-to-evict=false',
];

/**
 * The first matching annotation of a pod, as "key: value", at most 300 characters; undefined where none
 * matches.
 */
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

/** An annotation value may be as long as the whole object. */
const longest = 300;
