/** What the machines of a story do: receive an order, go down, and come back. */
import { aReport, at } from '../builders.ts';
import { mayStillBeOrdered } from './bounds.ts';
import { names, type StoryState } from './story-state.ts';

const goodKernel = '6.8.0-49-generic';

export class MachineActs {
  readonly #state: StoryState;
  #boots = 1;

  constructor(state: StoryState) {
    this.#state = state;
  }

  act(): void {
    const { cluster } = this.#state.world;
    const name = this.#state.pick(names);
    if (name === undefined) return;
    const node = cluster.node(name);
    if (this.#state.down.has(name)) {
      if (this.#state.calm || this.#state.chance(0.6)) this.#comesBack(name);
      return;
    }
    if (this.#state.ordered.has(name)) {
      this.#goesDown(name);
      return;
    }
    const { endBoot } = cluster.agentOf(name);
    if (endBoot === node.bootId && node.unschedulable && (this.#state.calm || this.#state.chance(0.7)))
      this.#executesOrder(name);
  }

  #executesOrder(name: string): void {
    const { cluster, store, loaded } = this.#state.world;
    const { bootId } = cluster.node(name);
    this.#state.log.push(`${name} obeys: asks its host to end ${bootId}`);
    const reboot = store.all().find((each) => each.node.name === name && each.bootId === bootId);
    if (reboot && !this.#state.orphans.has(name) && !mayStillBeOrdered(reboot))
      this.#state.fail(`${name} was told to end ${bootId}, whose Reboot is ${reboot.state.phase}`);
    if (loaded.has(name)) this.#state.fail(`${name} ends its boot with its pods still on it`);
    this.#state.ordered.add(name);
    const agent = cluster.agentOf(name);
    if (agent.report)
      agent.report = { ...agent.report, order: { endBoot: bootId, state: 'obeying', at: at(0) } };
  }

  #goesDown(name: string): void {
    this.#state.log.push(`${name} goes down`);
    if (this.#state.world.loaded.has(name) && !this.#state.orphans.has(name))
      this.#state.fail(`${name} went down with its pods on it`);
    this.#state.ordered.delete(name);
    this.#state.down.add(name);
    this.#state.world.cluster.node(name).ready = false;
  }

  #comesBack(name: string): void {
    const { cluster } = this.#state.world;
    this.#boots += 1;
    const node = cluster.node(name);
    node.bootId = `boot-${this.#boots}`;
    node.ready = true;
    node.kernel = goodKernel;
    this.#state.down.delete(name);
    this.#state.orphans.delete(name);
    const still = !this.#state.calm && this.#state.chance(0.15);
    this.#state.log.push(`${name} is back with ${node.bootId}${still ? ', still asking for a reboot' : ''}`);
    cluster.agentOf(name).report = aReport({
      required: still ? 'yes' : 'no',
      bootId: node.bootId,
      kernel: { running: goodKernel, newest: goodKernel },
    });
  }

  actFor(name: string): void {
    const { cluster } = this.#state.world;
    if (this.#state.down.has(name)) this.#comesBack(name);
    else if (this.#state.ordered.has(name)) this.#goesDown(name);
    else if (cluster.agentOf(name).endBoot === cluster.node(name).bootId && cluster.node(name).unschedulable)
      this.#executesOrder(name);
  }
}
