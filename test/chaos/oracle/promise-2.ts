/** A boot is ended at most once, and never by mistake. */
import { text } from './json.ts';
import { bootOf, isBot, isCordoned, markOf, phaseOf, type Seen, type Write } from './seen.ts';
import type { Found } from './invariant.ts';

export function promise2(seen: Seen, write: Write): Found {
  if (!isBot(write.actor) || write.type === 'DELETED') return undefined;
  if (write.resource === 'nodeagents.tugboot.dev') return ordered(seen, write);
  return write.resource === 'nodes' ? cordons(seen, write) : undefined;
}

function ordered(seen: Seen, { key, object, previous }: Write): Found {
  const boot = text(object, 'spec', 'endBoot');
  if (boot === '' || boot === text(previous, 'spec', 'endBoot')) return undefined;
  const node = seen.nodes.get(key);
  // An order for a boot that is over is ignored.
  if (node === undefined || bootOf(node) !== boot) return undefined;
  const owner = [...seen.reboots.values()].find(
    (reboot) =>
      text(reboot, 'spec', 'bootID') === boot &&
      text(reboot, 'spec', 'nodeUID') === text(node, 'metadata', 'uid') &&
      phaseOf(reboot) === 'Rebooting',
  );
  if (owner === undefined)
    return ['2.order-has-reboot', `${key} is ordered to end ${boot}, and no Reboot of it is Rebooting`];
  return isCordoned(node)
    ? undefined
    : ['2.order-when-cordoned', `${key} is ordered to reboot and is not cordoned`];
}

function cordons(seen: Seen, { key, object, previous }: Write): Found {
  const [was, is] = [isCordoned(previous), isCordoned(object)];
  if (was && !is && text(seen.agents.get(key), 'spec', 'endBoot') === bootOf(object))
    return ['2.no-uncordon-under-order', `${key} is uncordoned under its order`];
  if (was || !is) return undefined;
  const reboot = seen.reboots.get(markOf(object));
  if (reboot === undefined) return undefined;
  const fits =
    text(reboot, 'spec', 'bootID') === bootOf(object) &&
    text(reboot, 'spec', 'nodeUID') === text(object, 'metadata', 'uid');
  return fits ? undefined : ['2.cordon-of-its-boot', `${key} is cordoned for a boot that is over`];
}

export function signalled(seen: Seen, node: string, boot: string): Found {
  const times = (seen.signals.get(boot) ?? 0) + 1;
  seen.signals.set(boot, times);
  if (times > 1) return ['2.once', `the host of ${node} is told twice to end ${boot}`];
  const receipt = seen.agents.get(node);
  // The NodeAgent may have been deleted by a hand since.
  if (receipt === undefined || text(receipt, 'status', 'order', 'endBoot') === '') return undefined;
  return text(receipt, 'status', 'order', 'endBoot') === boot
    ? undefined
    : ['2.once', `the host of ${node} is told to end ${boot} without an order for it`];
}
