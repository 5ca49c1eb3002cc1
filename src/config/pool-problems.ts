import type { Problem } from './problems.ts';

const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;

/**
 * What is wrong between settings rather than inside one. Looks at the file as it was written, so that it can be told together with everything
 * else that is wrong.
 */
export function problemsBetweenPools(input: unknown): readonly Problem[] {
  const pools = field(input, 'pools');
  if (!Array.isArray(pools)) return [];
  const names = pools.map((pool) => field(pool, 'name'));
  return pools.flatMap((pool: unknown, index): readonly Problem[] => {
    const name = names.indexOf(names[index]) < index ? takenName(names[index]) : undefined;
    const approval = windowlessApproval(pool);
    const approvalsNeeded = tooManyApprovals(pool, field(input, 'approvers'));
    return Object.entries({ name, approval, approvalsNeeded }).flatMap(([setting, message]) =>
      message === undefined ? [] : [{ path: `pools[${index}].${setting}`, message }],
    );
  });
}

const takenName = (name: unknown): string | undefined =>
  typeof name === 'string'
    ? `Found "${name}". Another pool has this name already. Give each its own.`
    : undefined;

function windowlessApproval(pool: unknown): string | undefined {
  const windows = field(pool, 'windows');
  const none = windows === undefined || (Array.isArray(windows) && windows.length === 0);
  return field(pool, 'approval') === 'window' && none
    ? 'Found "window". There is no window to approve in. Add `windows`, or write manual or auto.'
    : undefined;
}

/** More approvals than people who may give one: no reboot of the pool could ever be approved. */
function tooManyApprovals(pool: unknown, ofAll: unknown): string | undefined {
  const needed = field(pool, 'approvalsNeeded');
  const approvers = field(pool, 'approvers') ?? ofAll;
  const [users, groups] = [field(approvers, 'users'), field(approvers, 'groups')];
  if (typeof needed !== 'number' || !Array.isArray(users) || users.length === 0) return undefined;
  if (Array.isArray(groups) && groups.length > 0) return undefined;
  const people = new Set(users).size;
  if (needed <= people) return undefined;
  const who = people === 1 ? '1 person' : `${people} people`;
  return `Found ${needed}. Only ${who} may approve. Name more approvers, or need fewer approvals.`;
}
