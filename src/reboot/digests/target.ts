/** What a decision by command is about: a node, a pool, everything, or what a label selector matches. */
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
const isSelector = (text: string): boolean => /[=!()/]/.test(text);

/** A pool wins over a node of its name. */
export function resolveTarget(
  deps: Pick<ServiceDeps, 'policy' | 'cluster' | 'store'>,
  text: string,
): Resolved {
  if (text === 'all')
    return { ok: true, of: 'many', label: `cluster ${deps.policy().cluster}`, has: () => true };
  if (isSelector(text)) return matchedBy(deps, text);
  const names = [
    'all',
    ...deps.policy().pools.map(({ name }) => name),
    ...deps.cluster.nodes().map(({ name }) => name),
    ...deps.store.all().map(({ node }) => node.name),
  ];
  const completed = completeName(text, { kind: 'node or pool', names, otherwise: 'See `/reboot status`.' });
  if (!completed.ok) return completed;
  const { name } = completed;
  if (name === 'all') return resolveTarget(deps, name);
  return poolNamed(deps.policy(), name)
    ? { ok: true, of: 'many', label: `pool ${name}`, has: ({ pool }) => pool === name }
    : { ok: true, of: 'node', node: name };
}

function matchedBy({ cluster }: Pick<ServiceDeps, 'cluster'>, text: string): Resolved {
  const selector = parseSelector(text);
  if (!selector.ok) return { ok: false, sentence: selector.problem };
  return {
    ok: true,
    of: 'many',
    label: `the nodes with ${text}`,
    has: ({ node }) => {
      const known = cluster.cachedNode(node.name);
      return known !== undefined && known.uid === node.uid && selector.matches(known.labels);
    },
  };
}
