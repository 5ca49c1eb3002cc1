/** Success is proven. */
import { text } from './json.ts';
import { bootOf, isBot, isCordoned, markOf, phaseOf, type Seen, type Write } from './seen.ts';
import type { Found } from './invariant.ts';

const seconds = (duration: string): number => Number(/^(\d+)s$/.exec(duration)?.[1] ?? 0) * 1000;

export function promise6(seen: Seen, write: Write): Found {
  if (!isBot(write.actor) || write.type !== 'MODIFIED') return undefined;
  if (write.resource === 'nodes') return uncordoned(seen, write);
  const { resource, object, previous } = write;
  const hasSucceeded = phaseOf(object) === 'Succeeded' && phaseOf(previous) !== 'Succeeded';
  return resource === 'reboots.tugboot.dev' && hasSucceeded ? proven(seen, write) : undefined;
}

/** As it was when the bot read the node for its proof. */
function proven(seen: Seen, { at: now, actor, object: reboot }: Write): Found {
  const name = text(reboot, 'spec', 'node');
  const node = seen.nodes.get(name);
  const fail = (what: string): Found => [
    '6.proven',
    `${text(reboot, 'metadata', 'name')} has succeeded, and ${what}`,
  ];
  const boot = text(reboot, 'status', 'newBootId');
  if (boot === '' || boot === text(reboot, 'spec', 'bootID')) return fail('no new boot was seen');
  const read = seen.lastReadAt(actor, `/api/v1/nodes/${name}`);
  // It may have gone down again since it was read.
  const changedSince = (seen.outSince.get(name) ?? 0) > read || node === undefined || bootOf(node) !== boot;
  if (changedSince) return undefined;
  const ready = seen.readySince.get(name);
  const settle = seconds(
    seen.rules.pools.find((pool) => pool.name === text(reboot, 'spec', 'pool'))?.settleTime ?? '',
  );
  if (ready === undefined && read < now - 5_000) return undefined;
  if (ready === undefined) return fail(`${name} is not Ready`);
  if (now - ready < settle - clockError) return fail(`${name} was Ready for ${(now - ready) / 1000} s`);
  const agent = seen.agents.get(name);
  const isFresh =
    (seen.agentSince.get(name) ?? 0) >=
    seen.lastReadAt(actor, `/apis/tugboot.dev/v1alpha1/nodeagents/${name}`);
  if (agent === undefined || isFresh) return undefined;
  if (text(agent, 'status', 'bootId') !== boot) return fail(`the report of ${name} is of another boot`);
  if (text(agent, 'status', 'required') !== 'no') return fail(`${name} still asks`);
  const { kernel } = { kernel: (agent['status'] as { readonly kernel?: unknown } | undefined)?.kernel };
  return text(kernel, 'running') === text(kernel, 'newest') ? undefined : fail(`${name} runs the old kernel`);
}

/** Clocks of bots may differ by this much. */
const clockError = 6_000;

const mayUncordon = new Set(['Succeeded', 'GivenUp', 'Cancelled', 'Superseded', 'Undoing', 'Approved', '']);

function uncordoned(seen: Seen, { key, object, previous }: Write): Found {
  if (!isCordoned(previous) || isCordoned(object)) return undefined;
  const phase = phaseOf(seen.reboots.get(markOf(previous)));
  return mayUncordon.has(phase)
    ? undefined
    : ['6.uncordon', `${key} is uncordoned while its Reboot is ${phase}`];
}
