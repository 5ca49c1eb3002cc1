/** What must be true when a story has come to rest. */
import { excludeFromLoadBalancersLabel } from '../../../src/reboot/nodes/node-contract.ts';
import {
  labelsOwner,
  noManagedLabels,
  relabel,
  wantedLabels,
} from '../../../src/reboot/ownership/managed-labels.ts';
import { beginsCleanUp, isOwed } from '../../../src/reboot/state/clean-up.ts';
import type { Phase } from '../../../src/reboot/state/reboot.ts';
import { aPool } from '../builders.ts';
import { digestProblem } from './digests.ts';
import { names, type StoryState } from './story-state.ts';

export function checkEnd(story: StoryState): void {
  const { cluster, store } = story.world;
  const waits = new Set<Phase>(['Pending', 'Snoozed', 'Denied', 'Approved']);
  for (const { name, state, cleanup } of store.all()) {
    const over = beginsCleanUp(state.phase) && !isOwed(cleanup);
    if (!over && !waits.has(state.phase)) story.fail(`${name} is ${state.phase} for ever`);
  }
  for (const digest of story.world.digests.all()) {
    const problem = digestProblem(digest, story.met);
    if (problem !== undefined) story.fail(problem);
  }
  for (const turn of story.turns) story.fail(`${turn.reboot} keeps its turn for ever`);
  for (const name of names) {
    const { unschedulable, cordonedBy, bootId } = cluster.node(name);
    checkFinalLabels(story, name);
    if (cluster.agentOf(name).endBoot === bootId) story.fail(`the order of ${name} stands for ever`);
    if (!unschedulable && cordonedBy !== undefined) story.fail(`${name} keeps the mark of ${cordonedBy}`);
    if (!unschedulable || cordonedBy === undefined) continue;
    const owner = store.all().find((reboot) => reboot.name === cordonedBy);
    const left = owner?.history.some(({ what }) => what === 'skipped') === true;
    if (!left) story.fail(`${name} stays cordoned by ${cordonedBy} (${owner?.state.phase ?? 'gone'})`);
  }
}

/** A waiting Reboot keeps only the labels that it still needs; all others are as their owners set them. */
function checkFinalLabels(story: StoryState, name: string): void {
  const { cluster, store } = story.world;
  const node = cluster.node(name);
  const owner = labelsOwner(store.all().filter((reboot) => reboot.node.name === name));
  const wanted = owner ? wantedLabels(owner, aPool({ hooks: story.hooks }), node) : noManagedLabels;
  if (relabel(node, wanted))
    story.fail(
      `${name} wears ${JSON.stringify(node.managed)} for ${owner?.name ?? 'nobody'} (${owner?.state.phase ?? 'gone'})`,
    );
  if (Object.keys(wanted.labels).length > 0) return;
  if (node.labels['team'] !== story.team.get(name)) story.fail(`${name} lost its team's label`);
  if (node.hookAnnotations?.['hold'] !== undefined) story.fail(`${name} is held for ever`);
  if (node.labels['maintenance'] === 'true') story.fail(`${name} says maintenance for ever`);
  if (name !== 'n3' && excludeFromLoadBalancersLabel in node.labels)
    story.fail(`${name} stays out of the load balancers for ever`);
}
