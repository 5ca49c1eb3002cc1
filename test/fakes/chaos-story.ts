/**
 * A seed's story in the world of chaos-world.ts: its steps, and the invariants that are checked after each.
 */
import type { DecisionRequest } from '../../src/reboot/approval/decision-request.ts';
import { gateCheck } from '../../src/reboot/state/stored-blockers.ts';
import { pendingHook, waitOf } from '../../src/reboot/deadlines/hook-waits.ts';
import { excludeFromLoadBalancersLabel } from '../../src/reboot/nodes/node-contract.ts';
import {
  labelsOwner,
  noManagedLabels,
  relabel,
  wantedLabels,
} from '../../src/reboot/ownership/managed-labels.ts';
import type { HooksPolicy } from '../../src/reboot/policy/pool-hooks.ts';
import type { Phase, Reboot } from '../../src/reboot/state/reboot.ts';
import { minute, second } from '../../src/reboot/time/time.ts';
import { aPerson, aPool, aReport, at } from './builders.ts';
import { Bounds, mayStillBeOrdered } from './chaos-bounds.ts';
import { digestFor, hooksOf, policyOf, roomFor, stagesFor } from './chaos-policy.ts';
import { anyDecision, digestProblem } from './chaos-digests.ts';
import { type ChaosWorld, chaosWorld, type Machine, type Process } from './chaos-world.ts';
import { seeded } from '../bench/seeded.ts';
import type { Gate } from './gates.ts';
import { beginsCleanUp, isOwed } from '../../src/reboot/state/clean-up.ts';

const names = ['n1', 'n2', 'n3'];
const goodKernel = '6.8.0-49-generic';
const mia = aPerson();

/** All pending microtasks run before the next task of the event loop. */
const idle = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** The process, its job, and the call. */
const actorOf = ({ process, job, call }: Gate): string => `p${process}.${job} ${call}`;

class Story {
  readonly world: ChaosWorld;
  readonly log: string[] = [];
  readonly #random: () => number;
  readonly #concurrency: number;
  /** Cordoned by people with kubectl: must be left alone. */
  readonly #cordonedByPeople = new Set<string>();
  /** The host has received the order and may go down at any time, whatever happens to the order. */
  readonly #ordered = new Set<string>();
  readonly #down = new Set<string>();
  /**
   * Their Reboot was deleted by hand while its order existed: until that is found, the order may be executed.
   */
  readonly #orphans = new Set<string>();
  readonly #phases = new Set<string>();
  readonly #hooks: HooksPolicy;
  readonly #bounds: Bounds;
  /** The value that people gave the label which we overwrite temporarily. */
  readonly #team = new Map<string, string | undefined>();
  #boots = 1;
  #calm = false;
  #nextScan = 0;

  constructor(seed: number) {
    this.#random = seeded(seed);
    this.#concurrency = seed % 2 === 0 ? 1 : 2;
    this.#hooks = hooksOf(seed);
    const cluster = this.#concurrency + (seed % 7 < 4 ? 1 : 0);
    const limits = { concurrency: this.#concurrency, cluster, room: roomFor(seed) };
    const rules = policyOf(limits, this.#hooks, { ...stagesFor(seed), ...digestFor(seed) });
    this.world = chaosWorld(rules, names);
    this.#bounds = new Bounds(this.world, rules);
    for (const name of names) this.#setTeam(name, name === 'n2' ? undefined : 'platform');
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

  async run(steps: number): Promise<ReadonlySet<string>> {
    for (let step = 0; step < steps; step += 1) {
      const before = this.#machines();
      const actor = await this.#step();
      this.#checkBounds(actor);
      if (actor !== undefined) this.#check(before, actor);
    }
    await this.#end();
    return new Set([...this.#phases, ...this.#bounds.met]);
  }

  /** Executes one step; returns the process, its job and the call if one of our processes acted. */
  async #step(): Promise<string | undefined> {
    const { world } = this;
    const eligible = world.gates.held.filter(({ process }) => this.#isRunning(process));
    if (eligible.length > 0 && this.#chance(0.75)) {
      const gate = this.#chance(0.7) ? eligible[0] : this.#pick(eligible);
      if (!gate) return undefined;
      const fate = this.#calm || this.#chance(0.95) ? 'done' : this.#chance(0.5) ? 'refused' : 'answer-lost';
      this.log.push(`${actorOf(gate)} ${fate}`);
      gate.open(fate);
      await idle();
      return actorOf(gate);
    }
    if (this.#spreads().length > 0 && this.#chance(0.04)) {
      this.#crash(this.#pick(this.#spreads()));
      return undefined;
    }
    const process = this.#pick(world.processes.filter(({ frozen }) => !frozen));
    const job = process && this.#chance(0.6) ? world.waiting.shift() : undefined;
    if (process && job) {
      this.log.push(`p${process.id} begins ${job.kind} ${job.id}`);
      world.begin(process, job);
      await idle();
    } else await this.#randomEvent();
    return undefined;
  }

  async #randomEvent(): Promise<void> {
    const { world } = this;
    const die = this.#random();
    if (die < 0.3) this.#tick(second * (1 + Math.floor(this.#random() * 20)));
    else if (die < 0.5) this.#syncAny();
    else if (die < 0.7) this.#machineActs();
    else if (die < 0.86) await this.#decide();
    else if (die < 0.9) this.#freezeOrThaw();
    else if (die < 0.93) this.#crash();
    else if (die < 0.945) this.#budgetsAndGates();
    else if (die < 0.95) {
      this.log.push('queue flushed');
      world.waiting.length = 0;
      world.wakes.length = 0;
    } else if (die < 0.98) this.#someoneUsesKubectl();
    else this.#packagesChange();
  }

  #tick(ms: number): void {
    this.log.push(`${ms / 1000} s pass`);
    this.world.tick(ms);
    if (this.world.clock.now() < this.#nextScan) return;
    this.#nextScan = this.world.clock.now() + 30 * second;
    this.world.put('scan', 'all');
  }

  #syncAny(): void {
    const process = this.#pick(this.world.processes);
    if (!process) return;
    this.world.sync(process);
    for (const name of names) this.world.put('look', name);
  }

  #freezeOrThaw(): void {
    const process = this.#pick(this.world.processes);
    if (!process) return;
    this.log.push(`p${process.id} ${process.frozen ? 'thaws' : 'freezes'}`);
    if (process.frozen) process.frozen = false;
    else this.world.freeze(process);
    if (this.world.processes.every(({ frozen }) => frozen)) this.world.start();
  }

  /** Processes that are applying a decision for many. */
  #spreads(): readonly Process[] {
    return this.world.processes.filter(({ jobs }) => [...jobs].some(({ kind }) => kind === 'spread'));
  }

  #crash(process = this.#pick(this.world.processes)): void {
    if (!process) return;
    this.log.push(`p${process.id} dies`);
    if ([...process.jobs].some(({ kind }) => kind === 'spread')) this.#phases.add('spread interrupted');
    this.world.kill(process);
    if (this.world.processes.every(({ frozen }) => frozen)) this.world.start();
  }

  #budgetsAndGates(): void {
    const { stuck, gatekeeper } = this.world;
    const name = this.#pick(names);
    if (name === undefined) return;
    if (this.#chance(0.6)) {
      this.log.push(`a budget ${stuck.has(name) ? 'lets go of' : 'holds'} the pods of ${name}`);
      if (!stuck.delete(name)) stuck.add(name);
      return;
    }
    if (this.#chance(0.6)) {
      this.#hookAnswers(name);
      return;
    }
    const { blocks } = gatekeeper;
    this.log.push(`a gate ${blocks.has(name) ? 'opens' : 'closes'} for ${name}`);
    if (!blocks.delete(name))
      blocks.set(name, [{ code: 'alerts-firing', sentence: 'Alert A is active.', clears: 'It clears.' }]);
  }

  #hookAnswers(name: string): void {
    const { answers } = this.world.hooks;
    const key = `${name} ${this.#chance(0.5) ? 'before' : 'after'}`;
    const said = this.#chance(0.3) ? 'says no' : 'says not yet';
    this.log.push(`the hook of ${key} ${answers.has(key) ? 'says yes' : said}`);
    if (!answers.delete(key)) answers.set(key, { kind: said === 'says no' ? 'failed' : 'wait', said });
  }

  async #decide(): Promise<void> {
    const process = this.#pick(this.world.processes.filter(({ frozen }) => !frozen));
    if (process && this.#chance(0.5) && (await this.#decideForMany(process))) return;
    const reboot = this.#pick(this.world.store.all());
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
      { kind: 'snooze', until: this.world.clock.now() + minute },
    ];
    const request = this.#pick(requests);
    if (!request) return;
    this.log.push(`mia: ${request.kind} ${reboot.name} (${reboot.state.phase}) through p${process.id}`);
    void process.service.decide(reboot.name, request, mia);
    await idle();
  }

  async #decideForMany(process: Process): Promise<boolean> {
    const [digest] = this.world.digests.all();
    if (!digest || digest.closedAt !== undefined) return false;
    const decision = anyDecision(digest, this.#random, this.world.clock.now());
    this.log.push(`mia: ${decision.request.kind} revision ${decision.revision} through p${process.id}`);
    void process.service.decideAll(decision, mia);
    await idle();
    return true;
  }

  #machineActs(): void {
    const { cluster } = this.world;
    const name = this.#pick(names);
    if (name === undefined) return;
    const node = cluster.node(name);
    if (this.#down.has(name)) {
      if (this.#calm || this.#chance(0.6)) this.#comesBack(name);
      return;
    }
    if (this.#ordered.has(name)) {
      this.#goesDown(name);
      return;
    }
    const { endBoot } = cluster.agentOf(name);
    if (endBoot === node.bootId && node.unschedulable && (this.#calm || this.#chance(0.7)))
      this.#executesOrder(name);
  }

  #executesOrder(name: string): void {
    const { cluster, store, loaded } = this.world;
    const { bootId } = cluster.node(name);
    this.log.push(`${name} obeys: asks its host to end ${bootId}`);
    const reboot = store.all().find((each) => each.node.name === name && each.bootId === bootId);
    if (reboot && !this.#orphans.has(name) && !mayStillBeOrdered(reboot))
      this.#fail(`${name} was told to end ${bootId}, whose Reboot is ${reboot.state.phase}`);
    if (loaded.has(name)) this.#fail(`${name} ends its boot with its pods still on it`);
    this.#ordered.add(name);
    const agent = cluster.agentOf(name);
    if (agent.report)
      agent.report = { ...agent.report, order: { endBoot: bootId, state: 'obeying', at: at(0) } };
  }

  #goesDown(name: string): void {
    this.log.push(`${name} goes down`);
    if (this.world.loaded.has(name) && !this.#orphans.has(name))
      this.#fail(`${name} went down with its pods on it`);
    this.#ordered.delete(name);
    this.#down.add(name);
    this.world.cluster.node(name).ready = false;
  }

  #comesBack(name: string): void {
    const { cluster } = this.world;
    this.#boots += 1;
    const node = cluster.node(name);
    node.bootId = `boot-${this.#boots}`;
    node.ready = true;
    node.kernel = goodKernel;
    this.#down.delete(name);
    this.#orphans.delete(name);
    const still = !this.#calm && this.#chance(0.15);
    this.log.push(`${name} is back with ${node.bootId}${still ? ', still asking for a reboot' : ''}`);
    cluster.agentOf(name).report = aReport({
      required: still ? 'yes' : 'no',
      bootId: node.bootId,
      kernel: { running: goodKernel, newest: goodKernel },
    });
  }

  #someoneUsesKubectl(): void {
    const { cluster, store } = this.world;
    const name = this.#pick(names);
    if (name === undefined || this.#calm) return;
    const node = cluster.node(name);
    if (this.#chance(0.2)) {
      const reboot = this.#pick(store.all());
      // Deleting the record of a node that may go down at any moment loses information that nothing can
      // restore.
      if (reboot && reboot.state.phase !== 'Rebooting' && this.#ordered.has(reboot.node.name)) return;
      if (reboot) this.log.push(`kubectl delete reboot ${reboot.name} (${reboot.state.phase})`);
      if (reboot?.state.phase === 'Rebooting') this.#orphans.add(reboot.node.name);
      if (reboot) void store.remove(reboot.name);
      return;
    }
    if (this.#chance(0.2)) {
      const value = this.#pick(['platform', 'data', undefined]);
      this.log.push(`kubectl label ${name} team=${value ?? '(gone)'}`);
      this.#setTeam(name, value);
      return;
    }
    // People do not uncordon a machine that is about to go down.
    if (this.#ordered.has(name) || cluster.agentOf(name).endBoot === node.bootId) return;
    // A cordon that is added and removed before a process reads the node leaves no trace, and cannot be
    // detected.
    if (!node.unschedulable && this.#isUnderWay(name)) return;
    this.log.push(`kubectl ${node.unschedulable ? 'un' : ''}cordon ${name}`);
    if (node.unschedulable) this.#cordonedByPeople.delete(name);
    else this.#cordonedByPeople.add(name);
    node.unschedulable = !node.unschedulable;
    this.#loadSchedulable();
  }

  #setTeam(name: string, value: string | undefined): void {
    const node = this.world.cluster.node(name);
    const { team: _, ...others } = node.labels;
    node.labels = value === undefined ? others : { ...others, team: value };
    this.#team.set(name, value);
  }

  #packagesChange(): void {
    const name = this.#pick(names);
    const report = name === undefined ? undefined : this.world.cluster.agentOf(name).report;
    if (name === undefined || report?.required !== 'yes') return;
    const newest = `6.8.0-${50 + Math.floor(this.#random() * 5)}-generic`;
    this.log.push(`${name} gets kernel ${newest}`);
    this.world.cluster.agentOf(name).report = { ...report, kernel: { ...report.kernel, newest } };
  }

  #check(before: ReadonlyMap<string, Machine>, actor: string): void {
    for (const [name, now] of this.#machines()) {
      const then = before.get(name);
      if (then?.unschedulable === true && !now.unschedulable) this.#checkUncordon(name, now, actor);
      if (then?.unschedulable === false && now.unschedulable) this.log.push(`  ${name} is cordoned`);
      if (then?.endBoot !== now.endBoot) {
        this.log.push(`  order of ${name}: ${now.endBoot ?? 'none'}`);
        if (now.endBoot === now.bootId) this.#checkHook(name, 'before', actor);
      }
      if (then) this.#checkLabels(name, then, now, actor);
    }
    this.#loadSchedulable();
    this.#checkTurns(actor);
  }

  #checkBounds(actor: string | undefined): void {
    const broken = this.#bounds.violation(actor);
    if (broken !== undefined) this.#fail(`${actor ?? 'somebody'}: ${broken}`);
  }

  /** A node with a mandatory hook is neither ordered nor uncordoned without the hook's approval. */
  #checkHook(name: string, step: 'before' | 'after', actor: string): void {
    const hook = this.#hooks[step];
    const phase = step === 'before' ? 'Rebooting' : 'Succeeded';
    const reboot = this.world.store
      .all()
      .find(({ node, state }) => node.name === name && state.phase === phase);
    if (hook === undefined || reboot === undefined || hook.onFailure === 'continue') return;
    if (step === 'after' && this.world.cluster.node(name).bootId === reboot.bootId) return;
    this.#phases.add(`yes ${step}`);
    const isYes = this.world.hooks.yes.has(`${reboot.name} ${step}`);
    if (!isYes) this.#fail(`${actor}: ${reboot.name} is ${phase} without the yes of its hook`);
  }

  #checkUncordon(name: string, now: Machine, actor: string): void {
    this.log.push(`  ${name} is uncordoned`);
    if (this.#cordonedByPeople.has(name)) this.#fail(`${actor} took somebody else's cordon off ${name}`);
    if (now.endBoot === now.bootId) this.#fail(`${actor} uncordoned ${name} while its order stood`);
    this.#checkHook(name, 'after', actor);
  }

  #checkLabels(name: string, then: Machine, now: Machine, actor: string): void {
    if (!then.excluded && now.excluded) {
      this.log.push(`  ${name} is out of the load balancers`);
      if (!now.unschedulable) this.#fail(`${actor} took ${name} out of the load balancers, not cordoned`);
    }
    if (name === 'n3' && !now.excluded) this.#fail(`${actor} put ${name} back, which others had taken out`);
    if (!then.loaded || now.loaded || !this.#hooks.excludeFromLoadBalancers || now.excluded) return;
    const drained = this.world.store
      .all()
      .some(({ node, state }) => node.name === name && state.phase === 'Draining' && state.cordon === 'us');
    if (drained) this.#fail(`${actor} drained ${name} while load balancers still use it`);
  }

  /** A node whose drain was undone must be schedulable at every step. */
  #checkUndone({ name, node, state }: Reboot, actor: string): void {
    if (state.phase !== 'Approved' || state.retry === undefined) return;
    this.#phases.add('put back');
    this.#phases.add(`undone: ${state.retry.why}`);
    if (state.retry.needsPerson !== undefined) this.#phases.add('asks a person');
    const { unschedulable, cordonedBy } = this.world.cluster.node(node.name);
    if (unschedulable && cordonedBy === name)
      this.#fail(`${actor}: ${name} was put back and keeps its cordon`);
  }

  #checkTurns(actor: string): void {
    const { store, cluster } = this.world;
    const turns = this.#turns.turns;
    if (turns.length > this.#concurrency) this.#fail(`${actor}: ${turns.length} turns are out`);
    for (const reboot of store.all()) {
      this.#phases.add(reboot.state.phase);
      if (reboot.state.phase === 'Approved') this.#checkUndone(reboot, actor);
      this.#noteHooks(reboot);
      if (reboot.state.phase === 'Approved' && gateCheck(reboot.state)) this.#phases.add('held');
      if (reboot.state.phase === 'Draining') this.#phases.add(`before ${waitOf(reboot.state)?.before}`);
      // Started, but not cordoned yet: nothing was disturbed.
      if (reboot.state.phase === 'Draining' && reboot.state.cordon === undefined) continue;
      const phases: readonly Phase[] = ['Draining', 'Rebooting', 'Settling'];
      const node = cluster.node(reboot.node.name);
      const disturbs = phases.includes(reboot.state.phase) && node.cordonedBy === reboot.name;
      if (disturbs && node.unschedulable && !turns.some((turn) => turn.reboot === reboot.name))
        this.#fail(`${actor}: ${reboot.name} is ${reboot.state.phase} and has no turn`);
    }
  }

  #noteHooks({ state, history }: Reboot): void {
    const asked = pendingHook(state);
    if (asked) this.#phases.add(`hook ${asked.step}`);
    if (state.phase === 'Failed' && state.code === 'hook-failed') this.#phases.add('hook failed');
    if (history.some(({ what }) => what === 'hook-failed')) this.#phases.add('without hook');
  }

  /** The rest of the story has no faults: everything must complete by itself. */
  async #end(): Promise<void> {
    const { world } = this;
    this.log.push('-- calm --');
    this.#calm = true;
    world.stuck.clear();
    world.gatekeeper.blocks.clear();
    world.hooks.answers.clear();
    for (const process of world.processes) {
      if (process.frozen) process.frozen = false;
    }
    for (let round = 0; round < 60; round += 1) {
      await this.#runAll();
      for (const name of names) {
        for (let act = 0; act < 3; act += 1) this.#machineFor(name);
      }
      for (const process of world.processes) world.sync(process);
      for (const reboot of world.store.all()) await this.#skipFailed(reboot);
      this.#tick(15 * second);
    }
    await this.#runAll();
    this.#checkEnd();
  }

  /** Executes all calls until none is left. */
  async #runAll(): Promise<void> {
    for (let turn = 0; ; turn += 1) {
      if (turn > 3000) this.#fail('it does not come to rest');
      const gate = this.world.gates.held[0];
      const before = this.#machines();
      if (gate) {
        this.log.push(actorOf(gate));
        gate.open('done');
      } else {
        const job = this.world.waiting.shift();
        const [process] = this.world.processes;
        if (!job || !process) return;
        this.log.push(`p${process.id} begins ${job.kind} ${job.id}`);
        this.world.begin(process, job);
      }
      await idle();
      const actor = gate ? actorOf(gate) : 'a job';
      this.#checkBounds(actor);
      this.#check(before, actor);
    }
  }

  #machineFor(name: string): void {
    const { cluster } = this.world;
    if (this.#down.has(name)) this.#comesBack(name);
    else if (this.#ordered.has(name)) this.#goesDown(name);
    else if (cluster.agentOf(name).endBoot === cluster.node(name).bootId && cluster.node(name).unschedulable)
      this.#executesOrder(name);
  }

  async #skipFailed(reboot: Reboot): Promise<void> {
    const [process] = this.world.processes;
    if (reboot.state.phase !== 'Failed' || !process) return;
    void process.service.decide(reboot.name, { kind: 'skip' }, mia);
    await idle();
  }

  #checkEnd(): void {
    const { cluster, store } = this.world;
    const waits = new Set<Phase>(['Pending', 'Snoozed', 'Denied', 'Approved']);
    for (const { name, state, cleanup } of store.all()) {
      const over = beginsCleanUp(state.phase) && !isOwed(cleanup);
      if (!over && !waits.has(state.phase)) this.#fail(`${name} is ${state.phase} for ever`);
    }
    for (const digest of this.world.digests.all()) {
      const problem = digestProblem(digest, this.#phases);
      if (problem !== undefined) this.#fail(problem);
    }
    for (const turn of this.#turns.turns) this.#fail(`${turn.reboot} keeps its turn for ever`);
    for (const name of names) {
      const { unschedulable, cordonedBy, bootId } = cluster.node(name);
      this.#checkFinalLabels(name);
      if (cluster.agentOf(name).endBoot === bootId) this.#fail(`the order of ${name} stands for ever`);
      if (!unschedulable && cordonedBy !== undefined) this.#fail(`${name} keeps the mark of ${cordonedBy}`);
      if (!unschedulable || cordonedBy === undefined) continue;
      const owner = store.all().find((reboot) => reboot.name === cordonedBy);
      const left = owner?.history.some(({ what }) => what === 'skipped') === true;
      if (!left) this.#fail(`${name} stays cordoned by ${cordonedBy} (${owner?.state.phase ?? 'gone'})`);
    }
  }

  /** A waiting Reboot keeps only the labels that it still needs; all others are as their owners set them. */
  #checkFinalLabels(name: string): void {
    const { cluster, store } = this.world;
    const node = cluster.node(name);
    const owner = labelsOwner(store.all().filter((reboot) => reboot.node.name === name));
    const wanted = owner ? wantedLabels(owner, aPool({ hooks: this.#hooks }), node) : noManagedLabels;
    if (relabel(node, wanted))
      this.#fail(
        `${name} wears ${JSON.stringify(node.managed)} for ${owner?.name ?? 'nobody'} (${owner?.state.phase ?? 'gone'})`,
      );
    if (Object.keys(wanted.labels).length > 0) return;
    if (node.labels['team'] !== this.#team.get(name)) this.#fail(`${name} lost its team's label`);
    if (node.hookAnnotations?.['hold'] !== undefined) this.#fail(`${name} is held for ever`);
    if (node.labels['maintenance'] === 'true') this.#fail(`${name} says maintenance for ever`);
    if (name !== 'n3' && excludeFromLoadBalancersLabel in node.labels)
      this.#fail(`${name} stays out of the load balancers for ever`);
  }

  get #turns() {
    return this.world.ledger.now();
  }

  #machines(): ReadonlyMap<string, Machine> {
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

  #loadSchedulable(): void {
    for (const name of names) {
      if (!this.world.cluster.node(name).unschedulable) this.world.loaded.add(name);
    }
  }

  /** Marked by us, or about to be ordered to reboot. */
  #isUnderWay(name: string): boolean {
    const { cluster, store } = this.world;
    const phases = new Set<Phase>(['Draining', 'Rebooting']);
    const busy = store.all().some(({ node, state }) => node.name === name && phases.has(state.phase));
    return busy || cluster.node(name).cordonedBy !== undefined;
  }

  #isRunning(id: number): boolean {
    return this.world.processes.some((process: Process) => process.id === id && !process.frozen);
  }

  #chance(odds: number): boolean {
    return this.#random() < odds;
  }

  #pick<T>(from: readonly T[]): T | undefined {
    return from[Math.floor(this.#random() * from.length)];
  }

  #fail(what: string): never {
    throw new Error(`${what}\n${this.log.slice(-(Number(process.env.LINES) || 120)).join('\n')}`);
  }
}

/**
 * Runs the story of a seed and returns the phases that occurred; throws the violation with the end of the
 * story's log.
 */
export const chaosStory = (seed: number, steps: number): Promise<ReadonlySet<string>> =>
  new Story(seed).run(steps);
