/** Promise 1 on the state in the API server: the nodes themselves, regardless of the ledger. */
import { isOut, isUnderWay } from '../../../src/reboot/ownership/ownership.ts';
import { mostOut, poolOf } from '../../../src/reboot/policy/pools.ts';
import type { Policy, PoolPolicy } from '../../../src/reboot/policy/policy.ts';
import type { NodeView } from '../../../src/reboot/nodes/node-view.ts';
import type { Reboot } from '../../../src/reboot/state/reboot.ts';
import { owesCleanUp } from '../../../src/reboot/state/clean-up.ts';
import type { ChaosWorld } from './world.ts';

/** Checked after every step of a story. */
export class Bounds {
  /** The situations of these bounds that occurred. */
  readonly met = new Set<string>();
  readonly #world: ChaosWorld;
  readonly #policy: Policy;
  /** Given up with their cordon left to people: out of service, and without a turn. */
  readonly #leftToPeople = new Set<string>();
  /** Nodes that are out of service, for any reason, with the step at which that began. */
  readonly #outSince = new Map<string, number>();
  /** The step of the last fresh list of nodes, by process and job: a job decides on its own list. */
  readonly #readAt = new Map<string, number>();
  /** Nodes by the Reboots that had a turn on them after the last step. */
  #turns: ReadonlyMap<string, string> = new Map();
  #step = 0;

  constructor(world: ChaosWorld, policy: Policy) {
    this.#world = world;
    this.#policy = policy;
  }

  /** A violation, in words. `actor`: process, job and call, where one of our processes acted. */
  violation(actor: string | undefined): string | undefined {
    this.#step += 1;
    const [job = '', call] = actor?.split(' ') ?? [];
    if (call === 'freshNodes') this.#readAt.set(job, this.#step);
    this.#noteOut();
    return this.#tooManyCordoned() ?? this.#cordonedWithoutTurn() ?? this.#startedWithoutRoom(job);
  }

  #noteOut(): void {
    for (const { name, ready, unschedulable } of this.#world.cluster.nodes()) {
      if (ready && !unschedulable) this.#outSince.delete(name);
      else if (!this.#outSince.has(name)) this.#outSince.set(name, this.#step);
    }
  }

  /** More nodes of a pool or of the cluster are cordoned by us at once than allowed. */
  #tooManyCordoned(): string | undefined {
    const ours = this.#world.cluster.nodes().filter((node) => this.#isOutThroughUs(node));
    const bounds = [
      { of: 'the cluster', most: this.#policy.concurrency, nodes: ours },
      ...this.#policy.pools.map((pool) => ({
        of: `pool ${pool.name}`,
        most: pool.concurrency,
        nodes: ours.filter((node) => poolOf(this.#policy, node) === pool),
      })),
    ];
    if (bounds.some(({ most, nodes }) => nodes.length === most)) this.met.add('as many out as may be');
    if (ours.length > 1) this.met.add('several out');
    return bounds
      .filter(({ most, nodes }) => nodes.length > most)
      .map(
        ({ of, most, nodes }) => `${nodes.map(({ name }) => name).join(', ')} of ${of} are out, of ${most}`,
      )
      .at(0);
  }

  /**
   * A turn that is released before the cordon lets the next node start too early, even if none does in this
   * story.
   */
  #cordonedWithoutTurn(): string | undefined {
    const { turns } = this.#world.ledger.now();
    const uncovered = this.#world.cluster
      .nodes()
      .find((node) => this.#isOutThroughUs(node) && !turns.some((turn) => turn.node === node.name));
    return uncovered && `${uncovered.name} is cordoned for ${uncovered.cordonedBy ?? ''} and has no turn`;
  }

  #isOutThroughUs({ name, unschedulable, cordonedBy, bootId }: NodeView): boolean {
    if (!unschedulable || cordonedBy === undefined) {
      this.#leftToPeople.delete(name);
      return false;
    }
    const owner = this.#world.store.all().find((reboot) => reboot.name === cordonedBy);
    if (owner && isUnderWay(owner)) this.#leftToPeople.delete(name);
    else if (owner && isLeft(owner, bootId)) this.#leftToPeople.add(name);
    return !this.#leftToPeople.has(name);
  }

  /**
   * A turn was taken without room beside the turns of others and nodes that were already out when the pool
   * was read, and still are. Nodes that went out later could not be seen; a job that has not read it must not
   * take a turn beside any that is out.
   */
  #startedWithoutRoom(job: string): string | undefined {
    const { turns } = this.#world.ledger.now();
    const before = this.#turns;
    this.#turns = new Map(turns.map((turn) => [turn.reboot, turn.node]));
    const readAt = this.#readAt.get(job) ?? this.#step;
    for (const { reboot: name, node } of turns) {
      const taker = before.has(name) ? undefined : this.#world.store.all().find((each) => each.name === name);
      // The lost turn of a node that is already out is written again.
      if (!taker || isOut(taker)) continue;
      const pool = this.#policy.pools.find((each) => each.name === taker.pool);
      if (!pool) continue;
      const held = new Set(before.values());
      const members = this.#members(pool);
      const out = members.filter((each) => each !== node && (held.has(each) || this.#wasOut(each, readAt)));
      this.met.add(out.length === 0 ? 'turn alone' : 'turn beside others');
      if (out.length >= mostOut(pool, members.length))
        return `${node} has got a turn although ${out.join(', ')} of pool ${pool.name} are out`;
    }
    return undefined;
  }

  #members(pool: PoolPolicy): readonly string[] {
    const nodes = this.#world.cluster.nodes().filter((node) => poolOf(this.#policy, node) === pool);
    return nodes.map(({ name }) => name);
  }

  #wasOut(node: string, readAt: number): boolean {
    return (this.#outSince.get(node) ?? Number.POSITIVE_INFINITY) < readAt;
  }
}

/**
 * People were informed that its node stays cordoned: it was given up, or booted once more between its proof
 * and the uncordon.
 */
function isLeft({ state, history }: Reboot, bootId: string): boolean {
  if (state.phase === 'Succeeded') return state.newBootId !== bootId;
  if (state.phase === 'GivenUp') return state.leaveCordoned;
  return history.some(({ what }) => what === 'skipped');
}

/**
 * Until the withdrawal of an order is confirmed, the node stays prepared: a reboot at the last moment is
 * late, but harmless.
 */
export function mayStillBeOrdered(reboot: Reboot): boolean {
  const { state } = reboot;
  if (state.phase === 'Rebooting') return true;
  if (state.phase === 'GivenUp') return state.from.phase === 'Rebooting' && owesCleanUp(reboot);
  return state.phase === 'Failed' && state.from.phase === 'Rebooting';
}
