/** Runs one schedule from its first event to its rest. */
import { stringify } from 'yaml';
import { assemble, type Parts } from '../../../demo/slack/assemble.ts';
import { channelSeeds, userSeeds, usergroupSeeds } from '../../../demo/slack/workspace/seeds.ts';
import { type Config, loadConfig } from '../../../src/config/load.ts';
import { queueServer, type QueueServer } from '../jobs/memory-backend.ts';
import { Oracle, type Violation } from '../oracle/oracle.ts';
import { createProcess, type Process } from '../time/process.ts';
import { diceOf, type Dice } from '../time/randomness.ts';
import { virtualTime, type VirtualTime } from '../time/virtual-time.ts';
import { fatesOf, type Fates } from '../wire/fates.ts';
import { type Audit, kubeWire } from '../wire/kube-wire.ts';
import { slackNetwork, slackSide, type SlackSide, slackUrl } from '../wire/slack-wire.ts';
import { type RunningBot, startBot } from '../world/bot.ts';
import { type ChaosCluster, chaosCluster } from '../world/chaos-cluster.ts';
import { lend } from '../world/hands.ts';
import { createMachine, type Machine } from '../world/machine.ts';
import { act } from '../world/people.ts';
import { startWorkloads, type Workloads } from '../world/workloads.ts';
import { withoutRealWorld } from '../time/no-real-world.ts';
import type { Act, Schedule } from './schedule.ts';
import { createTrace, type Trace } from './trace.ts';

export interface Outcome {
  readonly violation: Violation | undefined;
  readonly trace: readonly string[];
  readonly points: ReadonlyMap<string, number>;
  readonly crashed: ReadonlySet<string>;
  /** Phases that Reboots were in. */
  readonly phases: ReadonlySet<string>;
  readonly events: number;
  /** Milliseconds of virtual time. */
  readonly span: number;
}

/** A Tuesday, 10:00 UTC. */
export const began = Date.UTC(2026, 5, 2, 10);

interface Bot {
  process: Process;
  running: RunningBot;
  lives: number;
}

interface Run {
  readonly schedule: Schedule;
  readonly time: VirtualTime;
  readonly dice: (name: string) => Dice;
  readonly cluster: ChaosCluster;
  readonly fates: Fates;
  readonly queue: QueueServer;
  readonly slack: Parts;
  readonly side: SlackSide;
  readonly oracle: Oracle;
  readonly trace: Trace;
  readonly machines: Map<string, Machine>;
  readonly workloads: Workloads;
  readonly bots: Bot[];
  config: Config;
}

export async function runSchedule(schedule: Schedule, keepTrace = false): Promise<Outcome> {
  const time = virtualTime(began);
  const real = withoutRealWorld(time.now, diceOf(schedule.seed, 'modules'));
  try {
    const run = open(schedule, time, keepTrace);
    await tell(run);
    if (real.uses.length > 0) run.oracle.fail('0.real-world', `the schedule used ${real.uses.join(', ')}`);
    return {
      violation: run.oracle.violation,
      trace: run.trace.lines,
      points: run.fates.met,
      crashed: run.fates.crashed,
      phases: run.oracle.phases,
      events: time.count(),
      span: time.now() - began,
    };
  } finally {
    real.restore();
  }
}

const longestFreeze = 90_000;

function open(schedule: Schedule, time: VirtualTime, keepTrace: boolean): Run {
  const { seed, world } = schedule;
  const dice = (name: string): Dice => diceOf(seed, name);
  const fates = fatesOf(schedule.faults, time.now, began);
  const trace = createTrace(time, began, keepTrace);
  const cluster = chaosCluster(
    time,
    dice('api').next,
    world.nodes.map(({ name }) => name),
  );
  const oracle = new Oracle({ world: world.config, now: time.now });
  cluster.server.subscribe((change) => {
    const { type, object, previous } = change;
    const record = { at: time.now(), actor: cluster.actor, resource: change.resource, key: change.key };
    trace.write(record, type, object, previous);
    oracle.write({ ...record, type, object, previous });
  });
  const side = slackSide({
    time,
    dice: dice('slack'),
    fates,
    onDelivered: ({ type, payload }, to) => {
      trace.say(`Slack gives ${type} to ${to}`);
      oracle.payload({ payload });
    },
  });
  const slack = openSlack(time, dice('ids'), side);
  slack.changes.subscribe((change) => {
    if (change.kind !== 'message') return;
    const message = slack.workspace.message(change.channel, change.ts);
    trace.message(message);
    oracle.message({ ts: change.ts, message });
  });
  const machines = new Map<string, Machine>();
  const partial = { schedule, time, dice, cluster, fates, slack, side, oracle, trace, machines };
  for (const plan of world.nodes) machines.set(plan.name, machineFor(partial, plan.name));
  const isOn = (node: string): boolean => machines.get(node)?.isOn() === true;
  const workloads = startWorkloads({ cluster, time, dice: dice('pods'), plans: world.workloads, isOn });
  const run: Run = { ...partial, workloads, queue: queueServer(time), bots: [], config: configOf(schedule) };
  poweredBy.set(partial, run);
  return run;
}

/** Machines are there before the pods on them. */
const poweredBy = new WeakMap<object, Run>();

type Partial = Pick<Run, 'schedule' | 'time' | 'dice' | 'cluster' | 'oracle' | 'trace' | 'machines'>;

function machineFor(run: Partial, name: string): Machine {
  const plan = run.schedule.world.nodes.find((node) => node.name === name);
  if (plan === undefined) throw new Error(`no node is called ${name}`);
  const { time, cluster, oracle, trace } = run;
  return createMachine({
    plan,
    cluster,
    handler: cluster.handler,
    time,
    dice: run.dice(`machine ${name}`),
    onRequest: (audit) => requested(run, audit),
    onAnswer: () => undefined,
    onSignal: (node, bootId) => {
      trace.say(`the agent of ${node} has its host reboot`);
      oracle.signal({ node, bootId });
      run.machines.get(node)?.reboot('agent');
    },
    onPower: (node, on) => {
      trace.say(`${node} is ${on ? 'up' : 'down'}`);
      poweredBy.get(run)?.workloads.powered(node, on);
    },
  });
}

function requested({ cluster, oracle }: Pick<Run, 'cluster' | 'oracle'>, audit: Audit): void {
  cluster.actor = audit.actor;
  oracle.request(audit);
}

const configOf = ({ world }: Schedule): Config =>
  loadConfig({
    env: {
      SLACK_BOT_TOKEN: 'xoxb-chaos',
      SLACK_APP_TOKEN: 'xapp-chaos',
      SLACK_API_URL: `${slackUrl}/api/`,
      TUGBOOT_CONFIG: 'tugboot.yaml',
      TUGBOOT_REPLICAS: String(world.bots),
      KUBECONFIG: 'test/chaos/world/kubeconfig.json',
      POD_NAMESPACE: 'tugboot',
    },
    readFile: (path) => (path === 'tugboot.yaml' ? stringify(world.config) : ''),
  });

function openSlack(time: VirtualTime, dice: Dice, side: SlackSide): Parts {
  const botUser = 'U0TUGBOT';
  return assemble({
    clock: time,
    random: dice.next,
    users: userSeeds,
    usergroups: usergroupSeeds,
    channels: channelSeeds(botUser),
    scopes: [
      'chat:write',
      'commands',
      'users:read',
      'usergroups:read',
      'channels:read',
      'groups:read',
      'channels:history',
      'groups:history',
    ],
    command: '/reboot',
    botUser,
    rateLimits: true,
    baseUrl: () => slackUrl,
    hub: side.hub,
    tokens: { botToken: 'xoxb-chaos', appToken: 'xapp-chaos' },
  });
}

function startNth(run: Run, nth: number, lives: number): void {
  const { time, cluster, fates, queue, side, slack, trace, oracle } = run;
  const process = createProcess(`bot ${nth + 1}`, time);
  const dice = run.dice(`bot ${nth} ${lives}`);
  const crash = (): void => die(run, nth, process);
  const freeze = (): void => freezeFor(run, process, dice.between(2, longestFreeze / 1000) * 1000);
  const passes = (point: string): boolean => {
    const fate = fates.meet(nth, point);
    if (fate !== 'crash-before' && fate !== 'crash-after') {
      if (fate === 'freeze-before' || fate === 'freeze-after') freeze();
      return true;
    }
    time.after(0, crash);
    return fate === 'crash-after';
  };
  const wire = kubeWire({
    handler: cluster.handler,
    time,
    process,
    dice,
    token: 'bot',
    onRequest: (audit) => requested(run, audit),
    onAnswer: (audit, status) => {
      trace.request(audit, status);
      oracle.answer(audit, status);
    },
    faults: { fates, bot: nth, crash, freeze },
  });
  const network = slackNetwork({
    time,
    dice,
    process,
    bot: nth,
    fates,
    side,
    parts: () => slack,
    crash,
    freeze,
    onCall: () => undefined,
  });
  const running = startBot({
    process,
    dice,
    config: () => run.config,
    logger: trace.loggerOf(process.name),
    onEnd: (error) => {
      trace.say(`${process.name} ends: ${String(error)}`);
      die(run, nth, process);
    },
    connections: {
      openTransport: () => wire.transport,
      openBackend: () => queue.connect({ process, mayUse: () => !fates.holds('queue-away', nth), passes }),
      slackNetwork: network,
    },
  });
  run.bots[nth] = { process, running, lives };
}

function die(run: Run, nth: number, process: Process): void {
  if (process.state() === 'dead') return;
  run.trace.say(`${process.name} dies`);
  process.die();
  run.queue.lost(process);
  for (const one of run.side.listening) if (one.process === process) run.side.listening.delete(one);
  const { lives } = run.bots[nth] ?? { lives: 0 };
  run.time.after(run.dice(`death ${nth} ${lives}`).between(3, 30) * 1000, () =>
    startNth(run, nth, lives + 1),
  );
}

function freezeFor(run: Run, process: Process, ms: number): void {
  if (process.state() !== 'running') return;
  run.trace.say(`${process.name} is frozen for ${ms / 1000} s`);
  process.freeze();
  run.queue.stalls(process);
  run.time.after(ms, () => {
    if (process.state() === 'frozen') run.trace.say(`${process.name} thaws`);
    process.thaw();
  });
}

async function tell(run: Run): Promise<void> {
  const { schedule, time, oracle } = run;
  for (let nth = 0; nth < schedule.world.bots; nth += 1) startNth(run, nth, 0);
  plan(run);
  const step = 10_000;
  const until = async (end: number, done: () => boolean = () => false): Promise<void> => {
    while (time.now() < end && oracle.violation === undefined && !done())
      await time.run(Math.min(end, time.now() + step));
  };
  await until(began + schedule.lasts);
  calm(run);
  await until(time.now() + askAfter + 90_000);
  await until(time.now() + restTime - askAfter, () => oracle.unrest === undefined);
  oracle.atRest();
}

/** Bounded: within this virtual time after the last fault everything has come to rest. */
const restTime = 25 * 60_000;

function plan(run: Run): void {
  const { schedule, time, trace } = run;
  for (const one of schedule.acts) time.after(one.at, () => tellAct(run, one));
  for (const hand of schedule.hands)
    time.after(hand.at, () => {
      trace.say(`hand: ${hand.what} ${hand.node}`);
      lend(
        {
          ...run,
          dice: run.dice('hands'),
          reload: () => reload(run),
          remove: (kind, name) => remove(run, kind, name),
        },
        hand,
      );
    });
  for (const fault of schedule.faults) {
    if (fault.kind === 'span' && fault.what === 'frozen')
      time.after(fault.at, () => {
        for (const [nth, { process }] of run.bots.entries())
          if ((fault.bot ?? nth) === nth) freezeFor(run, process, fault.lasts);
      });
    if (fault.kind === 'moment')
      time.after(fault.at, () => strike(run, fault.what, fault.bot, fault.by ?? 0));
  }
}

function tellAct(run: Run, one: Act): void {
  const { slack, time, oracle, trace } = run;
  trace.say(`${one.who}: ${JSON.stringify(one.what)}`);
  act({ slack, channel: 'C0REBOOTS', time, onDone: (done) => oracle.answered(done) }, one);
}

function strike(run: Run, what: string, nth: number, by: number): void {
  const bot = run.bots[nth];
  run.trace.say(`${what} (bot ${nth + 1})`);
  if (what === 'crash' && bot !== undefined) die(run, nth, bot.process);
  else if (what === 'queue-flushed') run.queue.flush();
  else if (what === 'jobs-twice') run.queue.repeat();
  else if (what === 'watches-dropped') run.cluster.server.dropWatches('reset');
  else if (what === 'clock-jump') bot?.process.setClock(by);
  else {
    run.cluster.server.compact();
    run.cluster.server.dropWatches('end');
  }
}

function reload(run: Run): void {
  const { config } = run.schedule.world;
  const pools = config.pools.map((pool) => ({ ...pool, settleTime: '25s' }));
  run.config = configOf({ ...run.schedule, world: { ...run.schedule.world, config: { ...config, pools } } });
  for (const { running, process } of run.bots) process.deliver(() => running.reload());
}

/** As `kubectl delete` does. */
function remove(run: Run, kind: string, name: string): void {
  const process = createProcess('hand', run.time);
  const wire = kubeWire({
    handler: run.cluster.handler,
    time: run.time,
    process,
    dice: run.dice(`hand ${kind} ${name}`),
    token: 'hand',
    onRequest: (audit) => requested(run, audit),
    onAnswer: () => undefined,
  });
  const path = kind === 'Node' ? '/api/v1/nodes' : `/apis/tugboot.dev/v1alpha1/${kind.toLowerCase()}s`;
  void wire
    .send({ method: 'DELETE', path: `${path}/${name}`, body: null, timeout: 15_000 })
    .catch(() => undefined);
}

/** The faults are over, machines are mended, and people decide on what failed. */
function calm(run: Run): void {
  run.trace.say('-- calm --');
  run.fates.end();
  run.oracle.calm();
  run.workloads.heal();
  for (const { process } of run.bots) {
    process.thaw();
    process.setClock(0);
  }
  for (const machine of run.machines.values()) machine.repair();
  run.time.after(askAfter, () => {
    for (const line of ['status', ...[...run.machines.keys()].map((name) => `why ${name}`)])
      tellAct(run, { at: 0, who: 'mia', what: { kind: 'command', line } });
  });
}

/** By then the bots that died last have come back. */
const askAfter = 5 * 60_000;
