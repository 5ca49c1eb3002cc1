/** Kubernetes' syntax of labels ("Labels and Selectors"), and the keys that hooks may not write. */

const part = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;
const subdomain = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;

export function isLabelKey(key: string): boolean {
  const [prefix, name, ...more] = key.includes('/') ? key.split('/') : [undefined, key];
  if (more.length > 0 || name === undefined || !part.test(name)) return false;
  return prefix === undefined || (prefix.length <= 253 && subdomain.test(prefix));
}

export const isLabelValue = (value: string): boolean => value === '' || part.test(value);

const isUnder = (prefix: string, domain: string): boolean =>
  prefix === domain || prefix.endsWith(`.${domain}`);

const prefixOf = (key: string): string => (key.includes('/') ? (key.split('/')[0] ?? '') : '');

/**
 * Prefixes of Kubernetes' own that a kubelet may write on its own Node (admission plugin NodeRestriction).
 */
const kubeletDomains = ['node.kubernetes.io', 'kubelet.kubernetes.io'];

/** Facts of the machine, written by cloud controllers and kubelets. */
const machineLabels = new Set(['node.kubernetes.io/instance-type', 'node.kubernetes.io/windows-build']);

/**
 * Keys that belong to Kubernetes or to Tugboot. Hooks may write only what a kubelet may write too. The
 * previous value of a label is stored on the Node, where the kubelet could forge it, and the bot would then
 * restore a label that the kubelet is not allowed to write.
 */
export function isReservedLabel(key: string): boolean {
  const prefix = prefixOf(key);
  if (machineLabels.has(key)) return true;
  if (kubeletDomains.some((domain) => isUnder(prefix, domain))) return false;
  return ['kubernetes.io', 'k8s.io', 'tugboot.dev'].some((domain) => isUnder(prefix, domain));
}

export const isOwnAnnotation = (key: string): boolean => isUnder(prefixOf(key), 'tugboot.dev');
