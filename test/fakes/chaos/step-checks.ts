/** The invariants that are checked after every step of a story. */
import { pendingHook, waitOf } from '../../../src/reboot/deadlines/hook-waits.ts';
import type { Phase, Reboot } from '../../../src/reboot/state/reboot.ts';
import { gateCheck } from '../../../src/reboot/state/stored-blockers.ts';
import { Bounds } from './bounds.ts';
import type { StoryState } from './story-state.ts';
import type { Machine } from './world.ts';

export class StepChecks {
  readonly #state: StoryState;
  readonly #bounds: Bounds;

  constructor(state: StoryState) {
    this.#state = state;
    this.#bounds = new Bounds(state.world, state.policy);
  }

  /** Situations of the bounds that have occurred. */
  get met(): ReadonlySet<string> {
    return this.#bounds.met;
  }

  /** `actor`: process, job and call, where one of our processes acted. */
  afterStep(before: ReadonlyMap<string, Machine>, actor: string | undefined): void {
    const broken = this.#bounds.violation(actor);
    if (broken !== undefined) this.#state.fail(`${actor ?? 'somebody'}: ${broken}`);
    if (actor !== undefined) this.#changes(before, actor);
  }

  /** What one of our processes has changed in a step. */
  #changes(before: ReadonlyMap<string, Machine>, actor: string): void {
    for (const [name, now] of this.#state.machines()) {
      const then = before.get(name);
      if (then?.unschedulable === true && !now.unschedulable) this.#checkUncordon(name, now, actor);
      if (then?.unschedulable === false && now.unschedulable) this.#state.log.push(`  ${name} is cordoned`);
      if (then?.endBoot !== now.endBoot) {
        this.#state.log.push(`  order of ${name}: ${now.endBoot ?? 'none'}`);
        if (now.endBoot === now.bootId) this.#checkHook(name, 'before', actor);
      }
      if (then) this.#checkLabels(name, then, now, actor);
    }
    this.#state.loadSchedulable();
    this.#checkTurns(actor);
  }

  /** A node with a mandatory hook is neither ordered nor uncordoned without the hook's approval. */
  #checkHook(name: string, step: 'before' | 'after', actor: string): void {
    const hook = this.#state.hooks[step];
    const phase = step === 'before' ? 'Rebooting' : 'Succeeded';
    const reboot = this.#state.world.store
      .all()
      .find(({ node, state }) => node.name === name && state.phase === phase);
    if (hook === undefined || reboot === undefined || hook.onFailure === 'continue') return;
    if (step === 'after' && this.#state.world.cluster.node(name).bootId === reboot.bootId) return;
    this.#state.met.add(`yes ${step}`);
    const isYes = this.#state.world.hooks.yes.has(`${reboot.name} ${step}`);
    if (!isYes) this.#state.fail(`${actor}: ${reboot.name} is ${phase} without the yes of its hook`);
  }

  #checkUncordon(name: string, now: Machine, actor: string): void {
    this.#state.log.push(`  ${name} is uncordoned`);
    if (this.#state.cordonedByPeople.has(name))
      this.#state.fail(`${actor} took somebody else's cordon off ${name}`);
    if (now.endBoot === now.bootId) this.#state.fail(`${actor} uncordoned ${name} while its order stood`);
    this.#checkHook(name, 'after', actor);
  }

  #checkLabels(name: string, then: Machine, now: Machine, actor: string): void {
    if (!then.excluded && now.excluded) {
      this.#state.log.push(`  ${name} is out of the load balancers`);
      if (!now.unschedulable)
        this.#state.fail(`${actor} took ${name} out of the load balancers, not cordoned`);
    }
    if (name === 'n3' && !now.excluded)
      this.#state.fail(`${actor} put ${name} back, which others had taken out`);
    if (!then.loaded || now.loaded || !this.#state.hooks.excludeFromLoadBalancers || now.excluded) return;
    const drained = this.#state.world.store
      .all()
      .some(({ node, state }) => node.name === name && state.phase === 'Draining' && state.cordon === 'us');
    if (drained) this.#state.fail(`${actor} drained ${name} while load balancers still use it`);
  }

  /** A node whose drain was undone must be schedulable at every step. */
  #checkUndone({ name, node, state }: Reboot, actor: string): void {
    if (state.phase !== 'Approved' || state.retry === undefined) return;
    this.#state.met.add('put back');
    this.#state.met.add(`undone: ${state.retry.why}`);
    if (state.retry.needsPerson !== undefined) this.#state.met.add('asks a person');
    const { unschedulable, cordonedBy } = this.#state.world.cluster.node(node.name);
    if (unschedulable && cordonedBy === name)
      this.#state.fail(`${actor}: ${name} was put back and keeps its cordon`);
  }

  #checkTurns(actor: string): void {
    const { store, cluster } = this.#state.world;
    const turns = this.#state.turns;
    if (turns.length > this.#state.concurrency) this.#state.fail(`${actor}: ${turns.length} turns are out`);
    for (const reboot of store.all()) {
      this.#state.met.add(reboot.state.phase);
      if (reboot.state.phase === 'Approved') this.#checkUndone(reboot, actor);
      this.#noteHooks(reboot);
      if (reboot.state.phase === 'Approved' && gateCheck(reboot.state)) this.#state.met.add('held');
      if (reboot.state.phase === 'Draining') this.#state.met.add(`before ${waitOf(reboot.state)?.before}`);
      // Started, but not cordoned yet: nothing was disturbed.
      if (reboot.state.phase === 'Draining' && reboot.state.cordon === undefined) continue;
      const phases: readonly Phase[] = ['Draining', 'Rebooting', 'Settling'];
      const node = cluster.node(reboot.node.name);
      const disturbs = phases.includes(reboot.state.phase) && node.cordonedBy === reboot.name;
      if (disturbs && node.unschedulable && !turns.some((turn) => turn.reboot === reboot.name))
        this.#state.fail(`${actor}: ${reboot.name} is ${reboot.state.phase} and has no turn`);
    }
  }

  #noteHooks({ state, history }: Reboot): void {
    const asked = pendingHook(state);
    if (asked) this.#state.met.add(`hook ${asked.step}`);
    if (state.phase === 'Failed' && state.code === 'hook-failed') this.#state.met.add('hook failed');
    if (history.some(({ what }) => what === 'hook-failed')) this.#state.met.add('without hook');
  }
}
