/** Kubernetes' syntax of labels ("Labels and Selectors"), and which of them are not for others to write. */

const part = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;
const subdomain = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;

export function isLabelKey(key: string): boolean {
  const [prefix, name, ...more] = key.includes('/') ? key.split('/') : [undefined, key];
  if (more.length > 0 || name === undefined || !part.test(name)) return false;
  return prefix === undefined || (prefix.length <= 253 && subdomain.test(prefix));
}

export const isLabelValue = (value: string): boolean => value === '' || part.test(value);

const isIn = (prefix: string, domain: string): boolean => prefix === domain || prefix.endsWith(`.${domain}`);

const prefixOf = (key: string): string => (key.includes('/') ? (key.split('/')[0] ?? '') : '');

/**
 * Of Kubernetes' own labels, those that it lets a kubelet write on its own Node (admission plugin
 * NodeRestriction).
 */
const kubeletDomains = ['node.kubernetes.io', 'kubelet.kubernetes.io'];

/** What cloud controllers and kubelets know of the machine. */
const knownOfMachine = new Set(['node.kubernetes.io/instance-type', 'node.kubernetes.io/windows-build']);

/**
 * Kubernetes' own, and ours: what they say of a node is said by those who know. What may be put is what a
 * kubelet may write as well: the note of what stood there before is kept on the Node, where its kubelet could
 * forge it and have us write a label that it must not.
 */
export function isReservedLabel(key: string): boolean {
  const prefix = prefixOf(key);
  if (knownOfMachine.has(key)) return true;
  if (kubeletDomains.some((domain) => isIn(prefix, domain))) return false;
  return ['kubernetes.io', 'k8s.io', 'tugboot.dev'].some((domain) => isIn(prefix, domain));
}

export const isOwnAnnotation = (key: string): boolean => isIn(prefixOf(key), 'tugboot.dev');
