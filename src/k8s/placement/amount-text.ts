/** Amounts of a resource for display: "0.5 CPU", "2.5 GiB of memory", "1 nvidia.com/gpu". */
const bytes: Readonly<Record<string, string>> = {
  memory: 'memory',
  'ephemeral-storage': 'local storage',
};

const sizes = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** Rounds down: otherwise a pod that needs 2 GiB could appear to lack room with 2 GiB free. */
const cut = (amount: number): string => String(Math.floor(amount * 100) / 100);

export function amountText(resource: string, amount: number): string {
  if (resource === 'cpu') return `${amount / 1000} CPU`;
  const what = bytes[resource] ?? (resource.startsWith('hugepages-') ? resource : undefined);
  if (what === undefined) return `${amount} ${resource}`;
  const step = amount < 1024 ? 0 : Math.min(sizes.length - 1, Math.floor(Math.log2(amount) / 10));
  return `${cut(amount / 1024 ** step)} ${sizes[step] ?? ''} of ${what}`;
}
