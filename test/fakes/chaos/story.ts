/**
 * A seed's story in the world of world.ts: its steps, and the invariants that are checked after each.
 */
import { second } from '../../../src/reboot/time/time.ts';
import type { Gate } from '../gates.ts';
import { checkEnd } from './end-checks.ts';
import { MachineActs } from './machine-acts.ts';
import { PeopleActs } from './people-acts.ts';
import { StepChecks } from './step-checks.ts';
import { idle, names, StoryState } from './story-state.ts';
import type { Process } from './world.ts';

/** The process, its job, and the call. */
const actorOf = ({ process, job, call }: Gate): string => `p${process}.${job} ${call}`;

class Story {
  readonly #state: StoryState;
  readonly #machines: MachineActs;
  readonly #people: PeopleActs;
  readonly #checks: StepChecks;
  #nextScan = 0;

  constructor(seed: number) {
    this.#state = new StoryState(seed);
    this.#machines = new MachineActs(this.#state);
    this.#people = new PeopleActs(this.#state);
    this.#checks = new StepChecks(this.#state);
  }

  async run(steps: number): Promise<ReadonlySet<string>> {
    for (let step = 0; step < steps; step += 1) {
      const before = this.#state.machines();
      const actor = await this.#step();
      this.#checks.afterStep(before, actor);
    }
    await this.#end();
    return new Set([...this.#state.met, ...this.#checks.met]);
  }

  /** Executes one step; returns the process, its job and the call if one of our processes acted. */
  async #step(): Promise<string | undefined> {
    const { world } = this.#state;
    const eligible = world.gates.held.filter(({ process }) => this.#isRunning(process));
    if (eligible.length > 0 && this.#state.chance(0.75)) {
      const gate = this.#state.chance(0.7) ? eligible[0] : this.#state.pick(eligible);
      if (!gate) return undefined;
      const fate =
        this.#state.calm || this.#state.chance(0.95)
          ? 'done'
          : this.#state.chance(0.5)
            ? 'refused'
            : 'answer-lost';
      this.#state.log.push(`${actorOf(gate)} ${fate}`);
      gate.open(fate);
      await idle();
      return actorOf(gate);
    }
    if (this.#spreads().length > 0 && this.#state.chance(0.04)) {
      this.#crash(this.#state.pick(this.#spreads()));
      return undefined;
    }
    const process = this.#state.pick(world.processes.filter(({ frozen }) => !frozen));
    const job = process && this.#state.chance(0.6) ? world.waiting.shift() : undefined;
    if (process && job) {
      this.#state.log.push(`p${process.id} begins ${job.kind} ${job.id}`);
      world.begin(process, job);
      await idle();
    } else await this.#randomEvent();
    return undefined;
  }

  async #randomEvent(): Promise<void> {
    const { world } = this.#state;
    const die = this.#state.random();
    if (die < 0.3) this.#tick(second * (1 + Math.floor(this.#state.random() * 20)));
    else if (die < 0.5) this.#syncAny();
    else if (die < 0.7) this.#machines.act();
    else if (die < 0.86) await this.#people.decide();
    else if (die < 0.9) this.#freezeOrThaw();
    else if (die < 0.93) this.#crash();
    else if (die < 0.945) this.#people.changeBudgetOrGate();
    else if (die < 0.95) {
      this.#state.log.push('queue flushed');
      world.waiting.length = 0;
      world.wakes.length = 0;
    } else if (die < 0.98) this.#people.useKubectl();
    else this.#people.changePackages();
  }

  #tick(ms: number): void {
    this.#state.log.push(`${ms / 1000} s pass`);
    this.#state.world.tick(ms);
    if (this.#state.world.clock.now() < this.#nextScan) return;
    this.#nextScan = this.#state.world.clock.now() + 30 * second;
    this.#state.world.put('scan', 'all');
  }

  #syncAny(): void {
    const process = this.#state.pick(this.#state.world.processes);
    if (!process) return;
    this.#state.world.sync(process);
    for (const name of names) this.#state.world.put('look', name);
  }

  #freezeOrThaw(): void {
    const process = this.#state.pick(this.#state.world.processes);
    if (!process) return;
    this.#state.log.push(`p${process.id} ${process.frozen ? 'thaws' : 'freezes'}`);
    if (process.frozen) process.frozen = false;
    else this.#state.world.freeze(process);
    if (this.#state.world.processes.every(({ frozen }) => frozen)) this.#state.world.start();
  }

  /** Processes that are applying a decision for many. */
  #spreads(): readonly Process[] {
    return this.#state.world.processes.filter(({ jobs }) => [...jobs].some(({ kind }) => kind === 'spread'));
  }

  #crash(process = this.#state.pick(this.#state.world.processes)): void {
    if (!process) return;
    this.#state.log.push(`p${process.id} dies`);
    if ([...process.jobs].some(({ kind }) => kind === 'spread')) this.#state.met.add('spread interrupted');
    this.#state.world.kill(process);
    if (this.#state.world.processes.every(({ frozen }) => frozen)) this.#state.world.start();
  }

  /** The rest of the story has no faults: everything must complete by itself. */
  async #end(): Promise<void> {
    const { world } = this.#state;
    this.#state.log.push('-- calm --');
    this.#state.calm = true;
    world.stuck.clear();
    world.gatekeeper.blocks.clear();
    world.hooks.answers.clear();
    for (const process of world.processes) {
      if (process.frozen) process.frozen = false;
    }
    for (let round = 0; round < 60; round += 1) {
      await this.#runAll();
      for (const name of names) {
        for (let act = 0; act < 3; act += 1) this.#machines.actFor(name);
      }
      for (const process of world.processes) world.sync(process);
      for (const reboot of world.store.all()) await this.#people.skipFailed(reboot);
      this.#tick(15 * second);
    }
    await this.#runAll();
    checkEnd(this.#state);
  }

  /** Executes all calls until none is left. */
  async #runAll(): Promise<void> {
    for (let turn = 0; ; turn += 1) {
      if (turn > 3000) this.#state.fail('it does not come to rest');
      const gate = this.#state.world.gates.held[0];
      const before = this.#state.machines();
      if (gate) {
        this.#state.log.push(actorOf(gate));
        gate.open('done');
      } else {
        const job = this.#state.world.waiting.shift();
        const [process] = this.#state.world.processes;
        if (!job || !process) return;
        this.#state.log.push(`p${process.id} begins ${job.kind} ${job.id}`);
        this.#state.world.begin(process, job);
      }
      await idle();
      const actor = gate ? actorOf(gate) : 'a job';
      this.#checks.afterStep(before, actor);
    }
  }

  #isRunning(id: number): boolean {
    return this.#state.world.processes.some((process: Process) => process.id === id && !process.frozen);
  }
}

/**
 * Runs the story of a seed and returns the phases that occurred; throws the violation with the end of the
 * story's log.
 */
export const chaosStory = (seed: number, steps: number): Promise<ReadonlySet<string>> =>
  new Story(seed).run(steps);
