/** What a story of story.ts knows and has done so far, and its source of randomness. */
import { excludeFromLoadBalancersLabel } from '../../../src/reboot/nodes/node-contract.ts';
import type { HooksPolicy } from '../../../src/reboot/policy/pool-hooks.ts';
import type { Policy } from '../../../src/reboot/policy/policy.ts';
import type { Phase } from '../../../src/reboot/state/reboot.ts';
import { seeded } from '../../bench/seeded.ts';
import { digestFor, hooksOf, policyOf, roomFor, stagesFor } from './policy.ts';
import { type ChaosWorld, chaosWorld, type Machine } from './world.ts';

export const names = ['n1', 'n2', 'n3'];

/** All pending microtasks run before the next task of the event loop. */
export const idle = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

export class StoryState {
  readonly world: ChaosWorld;
  readonly policy: Policy;
  readonly hooks: HooksPolicy;
  readonly concurrency: number;
  readonly random: () => number;
  readonly log: string[] = [];
  /** Cordoned by people with kubectl: must be left alone. */
  readonly cordonedByPeople = new Set<string>();
  /** The host has received the order and may go down at any time, whatever happens to the order. */
  readonly ordered = new Set<string>();
  readonly down = new Set<string>();
  /**
   * Their Reboot was deleted by hand while its order existed: until that is found, the order may be executed.
   */
  readonly orphans = new Set<string>();
  /** Phases and situations that have occurred. */
  readonly met = new Set<string>();
  /** The value that people gave the label which we overwrite temporarily. */
  readonly team = new Map<string, string | undefined>();
  /** Nobody injects faults any more. */
  calm = false;

  constructor(seed: number) {
    this.random = seeded(seed);
    this.concurrency = seed % 2 === 0 ? 1 : 2;
    this.hooks = hooksOf(seed);
    const cluster = this.concurrency + (seed % 7 < 4 ? 1 : 0);
    const limits = { concurrency: this.concurrency, cluster, room: roomFor(seed) };
    this.policy = policyOf(limits, this.hooks, { ...stagesFor(seed), ...digestFor(seed) });
    this.world = chaosWorld(this.policy, names);
    for (const name of names) this.setTeam(name, name === 'n2' ? undefined : 'platform');
    // Excluded from load balancers by people.
    const n3 = this.world.cluster.node('n3');
    n3.labels = { ...n3.labels, [excludeFromLoadBalancersLabel]: '' };
    // Every second story begins with a drain that does not complete.
    if (seed % 3 === 0 || seed % 4 === 0) this.world.stuck.add('n1').add('n2');
    if (seed % 3 === 1) this.#startWithoutYes();
    this.world.start();
  }

  #startWithoutYes(): void {
    const { answers } = this.world.hooks;
    answers.set('n1 before', { kind: 'wait', said: 'says not yet' });
    answers.set('n2 before', { kind: 'failed', said: 'says no' });
    answers.set('n3 after', { kind: 'wait', said: 'says not yet' });
  }

  get turns() {
    return this.world.ledger.now().turns;
  }

  machines(): ReadonlyMap<string, Machine> {
    const { cluster } = this.world;
    return new Map(
      names.map((name) => {
        const { unschedulable, cordonedBy, bootId, labels } = cluster.node(name);
        const excluded = excludeFromLoadBalancersLabel in labels;
        const loaded = this.world.loaded.has(name);
        const { endBoot } = cluster.agentOf(name);
        return [name, { unschedulable, cordonedBy, bootId, endBoot, loaded, excluded }];
      }),
    );
  }

  loadSchedulable(): void {
    for (const name of names) {
      if (!this.world.cluster.node(name).unschedulable) this.world.loaded.add(name);
    }
  }

  /** Marked by us, or about to be ordered to reboot. */
  isUnderWay(name: string): boolean {
    const { cluster, store } = this.world;
    const phases = new Set<Phase>(['Draining', 'Rebooting']);
    const busy = store.all().some(({ node, state }) => node.name === name && phases.has(state.phase));
    return busy || cluster.node(name).cordonedBy !== undefined;
  }

  chance(odds: number): boolean {
    return this.random() < odds;
  }

  pick<T>(from: readonly T[]): T | undefined {
    return from[Math.floor(this.random() * from.length)];
  }

  fail(what: string): never {
    throw new Error(`${what}\n${this.log.slice(-(Number(process.env.LINES) || 120)).join('\n')}`);
  }

  setTeam(name: string, value: string | undefined): void {
    const node = this.world.cluster.node(name);
    const { team: _, ...others } = node.labels;
    node.labels = value === undefined ? others : { ...others, team: value };
    this.team.set(name, value);
  }
}
