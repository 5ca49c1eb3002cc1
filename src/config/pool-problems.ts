import type { Problem } from './problems.ts';

const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;

/**
 * What is wrong between the settings of pools rather than inside one. Looks at the file as it was written, so that it can be told together
 * with everything else that is wrong.
 */
export function problemsBetweenPools(input: unknown): readonly Problem[] {
  const pools = field(input, 'pools');
  if (!Array.isArray(pools)) return [];
  const names = pools.map((pool) => field(pool, 'name'));
  return pools.flatMap((pool: unknown, index): readonly Problem[] => [
    ...(typeof names[index] === 'string' && names.indexOf(names[index]) < index
      ? [
          {
            path: `pools[${index}].name`,
            message: `Found "${names[index]}". Another pool has this name already. Give each its own.`,
          },
        ]
      : []),
    ...(field(pool, 'approval') === 'window' && isEmpty(field(pool, 'windows'))
      ? [
          {
            path: `pools[${index}].approval`,
            message:
              'Found "window". There is no window to approve in. Add `windows`, or write manual or auto.',
          },
        ]
      : []),
  ]);
}

const isEmpty = (windows: unknown): boolean =>
  windows === undefined || (Array.isArray(windows) && windows.length === 0);
