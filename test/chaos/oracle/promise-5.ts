/** Nothing is lost. */
import { at, text } from './json.ts';
import { bootOf, isBot, isCordoned, mark, markOf, phaseOf, type Seen, type Write } from './seen.ts';
import { cordonedByUs } from './promise-1.ts';
import type { Found } from './invariant.ts';

/** The ways that docs/states.md tells; written down here once more. */
const ways: Readonly<Record<string, readonly string[]>> = {
  '': ['Pending', 'Approved', 'Cancelled', 'Superseded'],
  Pending: ['Snoozed', 'Denied', 'Approved', 'Cancelled', 'Superseded'],
  Snoozed: ['Pending', 'Denied', 'Approved', 'Cancelled', 'Superseded'],
  Denied: ['Pending', 'Superseded'],
  Approved: ['Pending', 'Draining', 'Cancelled', 'Superseded'],
  Draining: ['Undoing', 'Rebooting', 'Failed', 'Cancelled', 'Superseded'],
  Undoing: ['Approved', 'Cancelled', 'Superseded'],
  Rebooting: ['Settling', 'Failed', 'Cancelled', 'Superseded'],
  Settling: ['Succeeded', 'Failed', 'Superseded'],
  Failed: ['Draining', 'Settling', 'GivenUp', 'Superseded'],
  GivenUp: ['Pending'],
  Cancelled: ['Pending'],
  Superseded: ['Pending'],
  Succeeded: [],
};

const over = new Set(['Succeeded', 'GivenUp', 'Cancelled', 'Superseded']);

export function promise5(_seen: Seen, { resource, actor, type, key, object, previous }: Write): Found {
  if (resource !== 'reboots.tugboot.dev' || !isBot(actor)) return undefined;
  const [from, to] = [phaseOf(previous), phaseOf(object)];
  if (type === 'DELETED') {
    const isWorn = over.has(to) && at(object, 'status', 'cleanup', 'owed') !== true;
    return isWorn ? undefined : ['5.kept', `${key} is deleted, ${to || 'without a phase'}`];
  }
  // Made anew in place of one that a hand deleted, where that was.
  if (from === '' && at(object, 'spec', 'asked', 'deleted') === true) return undefined;
  if (from === to || previous === undefined || ways[from]?.includes(to) === true) return undefined;
  return ['5.transitions', `${key} goes from ${from || 'nothing'} to ${to || 'nothing'}`];
}

const waits = new Set(['Pending', 'Snoozed', 'Denied', 'Approved', 'Failed']);

export function restOf5(seen: Seen): Found {
  for (const [name, reboot] of seen.reboots) {
    const phase = phaseOf(reboot);
    if (!over.has(phase) && !waits.has(phase))
      return ['5.rest', `${name} is ${phase || 'without a phase'} for ever`];
  }
  return leftovers(seen) ?? undetected(seen);
}

function leftovers(seen: Seen): Found {
  for (const { reboot, node } of seen.turns)
    if (phaseOf(seen.reboots.get(reboot)) !== 'Failed')
      return [
        '5.leftovers',
        `${node} keeps its turn for ${reboot}, ${phaseOf(seen.reboots.get(reboot)) || 'gone'}`,
      ];
  for (const [name, node] of seen.nodes) {
    if (bootOf(node) !== '' && text(seen.agents.get(name), 'spec', 'endBoot') === bootOf(node))
      return ['5.leftovers', `the order of ${name} stands for ever`];
    if (!isCordoned(node) && markOf(node) !== '') return ['5.leftovers', `${name} keeps ${mark} for ever`];
  }
  const kept = cordonedByUs(seen).find(
    (name) => phaseOf(seen.reboots.get(markOf(seen.nodes.get(name)))) !== 'Failed',
  );
  return kept === undefined
    ? undefined
    : ['5.leftovers', `${kept} stays cordoned by ${markOf(seen.nodes.get(kept))}`];
}

function undetected(seen: Seen): Found {
  for (const [name, node] of seen.nodes) {
    const agent = seen.agents.get(name);
    if (text(agent, 'status', 'required') !== 'yes' || text(agent, 'status', 'bootId') !== bootOf(node))
      continue;
    const has = [...seen.reboots.values()].some(
      (reboot) =>
        text(reboot, 'spec', 'bootID') === bootOf(node) ||
        text(reboot, 'status', 'newBootId') === bootOf(node),
    );
    if (!has && seen.poolOf(name) !== undefined)
      return ['5.detected', `${name} asks for a reboot, and nobody is asked`];
  }
  return undefined;
}
