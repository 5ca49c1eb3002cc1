/** Kubernetes' syntax of labels ("Labels and Selectors"), and which of them are not for others to write. */

const part = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;
const subdomain = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;

export function isLabelKey(key: string): boolean {
  const [prefix, name, ...more] = key.includes('/') ? key.split('/') : [undefined, key];
  if (more.length > 0 || name === undefined || !part.test(name)) return false;
  return prefix === undefined || (prefix.length <= 253 && subdomain.test(prefix));
}

export const isLabelValue = (value: string): boolean => value === '' || part.test(value);

/** Kubernetes' own, and ours: what they say of a node is said by those who know. */
export function isReservedLabel(key: string): boolean {
  const [prefix = ''] = key.includes('/') ? key.split('/') : [];
  return ['kubernetes.io', 'k8s.io', 'tugboot.dev'].some(
    (domain) => prefix === domain || prefix.endsWith(`.${domain}`),
  );
}
