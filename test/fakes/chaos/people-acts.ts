/** What people do in a story: decisions in chat, kubectl, changes of budgets, gates, hooks and packages. */
import type { DecisionRequest } from '../../../src/reboot/approval/decision-request.ts';
import type { Reboot } from '../../../src/reboot/state/reboot.ts';
import { minute } from '../../../src/reboot/time/time.ts';
import { aPerson } from '../builders.ts';
import { anyDecision } from './digests.ts';
import { idle, names, type StoryState } from './story-state.ts';
import type { Process } from './world.ts';

const mia = aPerson();

export class PeopleActs {
  readonly #state: StoryState;

  constructor(state: StoryState) {
    this.#state = state;
  }

  async decide(): Promise<void> {
    const process = this.#state.pick(this.#state.world.processes.filter(({ frozen }) => !frozen));
    if (process && this.#state.chance(0.5) && (await this.#decideForMany(process))) return;
    const reboot = this.#state.pick(this.#state.world.store.all());
    if (!process || !reboot) return;
    const requests: readonly DecisionRequest[] = [
      { kind: 'approve', mode: 'now', digest: reboot.need.digest },
      { kind: 'approve', mode: 'now', digest: reboot.need.digest },
      { kind: 'approve', mode: 'now', digest: reboot.need.digest },
      { kind: 'ask-again' },
      { kind: 'retry' },
      { kind: 'skip' },
      { kind: 'cancel' },
      { kind: 'force', reason: 'db is down anyway' },
      { kind: 'deny', reason: 'release' },
      { kind: 'snooze', until: this.#state.world.clock.now() + minute },
    ];
    const request = this.#state.pick(requests);
    if (!request) return;
    this.#state.log.push(
      `mia: ${request.kind} ${reboot.name} (${reboot.state.phase}) through p${process.id}`,
    );
    void process.service.decide(reboot.name, request, mia);
    await idle();
  }

  async #decideForMany(process: Process): Promise<boolean> {
    const [digest] = this.#state.world.digests.all();
    if (!digest || digest.closedAt !== undefined) return false;
    const decision = anyDecision(digest, this.#state.random, this.#state.world.clock.now());
    this.#state.log.push(
      `mia: ${decision.request.kind} revision ${decision.revision} through p${process.id}`,
    );
    void process.service.decideAll(decision, mia);
    await idle();
    return true;
  }

  useKubectl(): void {
    const { cluster, store } = this.#state.world;
    const name = this.#state.pick(names);
    if (name === undefined || this.#state.calm) return;
    const node = cluster.node(name);
    if (this.#state.chance(0.2)) {
      const reboot = this.#state.pick(store.all());
      // Deleting the record of a node that may go down at any moment loses information that nothing can
      // restore.
      if (reboot && reboot.state.phase !== 'Rebooting' && this.#state.ordered.has(reboot.node.name)) return;
      if (reboot) this.#state.log.push(`kubectl delete reboot ${reboot.name} (${reboot.state.phase})`);
      if (reboot?.state.phase === 'Rebooting') this.#state.orphans.add(reboot.node.name);
      if (reboot) void store.remove(reboot.name);
      return;
    }
    if (this.#state.chance(0.2)) {
      const value = this.#state.pick(['platform', 'data', undefined]);
      this.#state.log.push(`kubectl label ${name} team=${value ?? '(gone)'}`);
      this.#state.setTeam(name, value);
      return;
    }
    // People do not uncordon a machine that is about to go down.
    if (this.#state.ordered.has(name) || cluster.agentOf(name).endBoot === node.bootId) return;
    // A cordon that is added and removed before a process reads the node leaves no trace, and cannot be
    // detected.
    if (!node.unschedulable && this.#state.isUnderWay(name)) return;
    this.#state.log.push(`kubectl ${node.unschedulable ? 'un' : ''}cordon ${name}`);
    if (node.unschedulable) this.#state.cordonedByPeople.delete(name);
    else this.#state.cordonedByPeople.add(name);
    node.unschedulable = !node.unschedulable;
    this.#state.loadSchedulable();
  }

  changePackages(): void {
    const name = this.#state.pick(names);
    const report = name === undefined ? undefined : this.#state.world.cluster.agentOf(name).report;
    if (name === undefined || report?.required !== 'yes') return;
    const newest = `6.8.0-${50 + Math.floor(this.#state.random() * 5)}-generic`;
    this.#state.log.push(`${name} gets kernel ${newest}`);
    this.#state.world.cluster.agentOf(name).report = { ...report, kernel: { ...report.kernel, newest } };
  }

  changeBudgetOrGate(): void {
    const { stuck, gatekeeper } = this.#state.world;
    const name = this.#state.pick(names);
    if (name === undefined) return;
    if (this.#state.chance(0.6)) {
      this.#state.log.push(`a budget ${stuck.has(name) ? 'lets go of' : 'holds'} the pods of ${name}`);
      if (!stuck.delete(name)) stuck.add(name);
      return;
    }
    if (this.#state.chance(0.6)) {
      this.#hookAnswers(name);
      return;
    }
    const { blocks } = gatekeeper;
    this.#state.log.push(`a gate ${blocks.has(name) ? 'opens' : 'closes'} for ${name}`);
    if (!blocks.delete(name))
      blocks.set(name, [{ code: 'alerts-firing', sentence: 'Alert A is active.', clears: 'It clears.' }]);
  }

  #hookAnswers(name: string): void {
    const { answers } = this.#state.world.hooks;
    const key = `${name} ${this.#state.chance(0.5) ? 'before' : 'after'}`;
    const said = this.#state.chance(0.3) ? 'says no' : 'says not yet';
    this.#state.log.push(`the hook of ${key} ${answers.has(key) ? 'says yes' : said}`);
    if (!answers.delete(key)) answers.set(key, { kind: said === 'says no' ? 'failed' : 'wait', said });
  }

  async skipFailed(reboot: Reboot): Promise<void> {
    const [process] = this.#state.world.processes;
    if (reboot.state.phase !== 'Failed' || !process) return;
    void process.service.decide(reboot.name, { kind: 'skip' }, mia);
    await idle();
  }
}
