/** What a typed decision is about: a node, a pool, everything, or what a label selector matches. */
import type { ServiceDeps } from '../loop/deps.ts';
import { poolNamed } from '../policy/pools.ts';
import { parseSelector } from '../policy/selector.ts';
import type { Reboot } from '../state/reboot.ts';
import { completeName } from '../words/complete-name.ts';

export type Target =
  | { readonly of: 'node'; readonly node: string }
  | {
      readonly of: 'many';
      /** As it is said: "pool workers". */
      readonly label: string;
      readonly has: (reboot: Reboot) => boolean;
    };

type Resolved = ({ readonly ok: true } & Target) | { readonly ok: false; readonly sentence: string };

/** No name of a node or a pool has these. */
const isSelector = (typed: string): boolean => /[=!()/]/.test(typed);

/** A pool wins over a node of its name. */
export function targetTyped(
  deps: Pick<ServiceDeps, 'policy' | 'cluster' | 'store'>,
  typed: string,
): Resolved {
  if (typed === 'all')
    return { ok: true, of: 'many', label: `cluster ${deps.policy().cluster}`, has: () => true };
  if (isSelector(typed)) return matchedBy(deps, typed);
  const names = [
    'all',
    ...deps.policy().pools.map(({ name }) => name),
    ...deps.cluster.nodes().map(({ name }) => name),
    ...deps.store.all().map(({ node }) => node.name),
  ];
  const completed = completeName(typed, { kind: 'node or pool', names, otherwise: 'See `/reboot status`.' });
  if (!completed.ok) return completed;
  const { name } = completed;
  if (name === 'all') return targetTyped(deps, name);
  return poolNamed(deps.policy(), name)
    ? { ok: true, of: 'many', label: `pool ${name}`, has: ({ pool }) => pool === name }
    : { ok: true, of: 'node', node: name };
}

function matchedBy({ cluster }: Pick<ServiceDeps, 'cluster'>, typed: string): Resolved {
  const selector = parseSelector(typed);
  if (!selector.ok) return { ok: false, sentence: selector.problem };
  return {
    ok: true,
    of: 'many',
    label: `the nodes with ${typed}`,
    has: ({ node }) => {
      const known = cluster.cachedNode(node.name);
      return known !== undefined && known.uid === node.uid && selector.matches(known.labels);
    },
  };
}
