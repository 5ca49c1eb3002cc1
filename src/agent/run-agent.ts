import type { Agent, AgentDeps } from './agent-loop.ts';
import { newAgentState, takeObject } from './agent-state.ts';
import { describeError } from './api/api-error.ts';
import { createBackoff } from '../timing/backoff.ts';
import { createNotifier } from '../timing/notifier.ts';
import { sleepOf } from './timers.ts';
import { watchOwnAgent } from './api/watch-own-agent.ts';
import type { HostFacts } from './host/host.ts';
import { remarkTopics } from './packages/host-packages.ts';
import type { StateLog } from './log.ts';
import type { NodeAgent } from './api/node-agent.ts';
import { packagePollInterval, obeyOrder } from './orders/obey-order.ts';
import { publishReport } from './api/publish-report.ts';
import { rebootField } from './orders/reboot-field.ts';
import { createReportBackoff } from './report-backoff.ts';

/**
 * Reports the node and obeys orders until the signal aborts. Failures of the API server and of the host's
 * files are logged and retried.
 */
export async function runAgent(deps: AgentDeps, signal: AbortSignal): Promise<void> {
  const state = newAgentState();
  const wake = createNotifier(sleepOf(deps.timers));
  const orderBackoff = createBackoff({ first: 5_000, most: 300_000, factor: 2 }, deps.timers.random);
  const reportBackoff = createReportBackoff(deps.timers);
  const onObject = (object: NodeAgent | undefined): void => {
    if (object === undefined)
      deps.stateLog.raise('object', 'info', 'waiting for the bot to make the NodeAgent object');
    else deps.stateLog.clear('object', 'the NodeAgent object is there');
    takeObject(state, object);
    wake.notify();
  };
  const onChange = (): void => {
    state.stale = true;
    wake.notify();
  };
  const onHostChange = (): void => {
    onChange();
    deps.commands.hostChanged();
  };
  await Promise.all([
    deps.watchHost({ ...deps, onChange: onHostChange }, signal),
    deps.commands.run(onChange, signal),
    watchOwnAgent({ ...deps, onObject }, signal),
    stepUntilAborted({
      ...deps,
      signal,
      wake,
      orderBackoff,
      reportBackoff,
      state,
      takeObject: onObject,
    }),
  ]);
}

async function stepUntilAborted(agent: Agent): Promise<void> {
  const backoff = createBackoff({ first: 500, most: 60_000, factor: 2 }, agent.timers.random);
  while (!agent.signal.aborted) {
    let wait: number | undefined;
    try {
      wait = await step(agent);
      backoff.reset();
      agent.stateLog.clear('step', 'reporting works again');
    } catch (error) {
      if (agent.signal.aborted) return;
      agent.stateLog.raise('step', 'warn', 'reporting failed; trying again', { why: describeError(error) });
      wait = backoff.next();
    }
    await agent.wake.wait(wait, agent.signal);
  }
}

/**
 * Updates the stored report and obeys the standing order. Returns the milliseconds until the next step;
 * undefined to wait for an event.
 */
async function step(agent: Agent): Promise<number | undefined> {
  const { state, reportBackoff } = agent;
  // While reports are delayed the host is not read: an order is answered with the last known facts.
  if (state.stale && (state.facts === undefined || reportBackoff.wait() === 0)) await readHost(agent);
  if (state.facts === undefined || state.object === undefined) return undefined;
  const wait = await obeyOrder(agent, state.object);
  await publishReport(agent);
  return earliest([wait, state.stale ? reportBackoff.wait() : undefined, packagePollDelay(agent)]);
}

const earliest = (waits: readonly (number | undefined)[]): number | undefined => {
  const known = waits.filter((wait) => wait !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
};

/**
 * The end of a package manager's work causes no event: while there is some, the host is read every few
 * seconds.
 */
function packagePollDelay({ state, timers }: Agent): number | undefined {
  if (state.facts?.packageWork?.active !== true || state.stale) return undefined;
  const left = state.readAt + packagePollInterval - timers.now();
  if (left <= 0) state.stale = true;
  return Math.max(0, left);
}

async function readHost(agent: Agent): Promise<void> {
  const { state, stateLog } = agent;
  state.stale = false;
  try {
    const { facts, remarks } = await agent.host.read();
    for (const { topic, message, fields } of remarks) stateLog.raise(topic, 'warn', message, fields);
    const topics = new Set<string>(remarks.map(({ topic }) => topic));
    for (const topic of remarkTopics) {
      if (!topics.has(topic)) stateLog.clear(topic, 'a part of the host can be read again', { part: topic });
    }
    logSignals(stateLog, facts, rebootField(state.object, facts.bootId));
    state.facts = facts;
    state.readAt = agent.timers.now();
  } catch (error) {
    // Read again by the next step, after the backoff.
    state.stale = true;
    throw error;
  }
}

function logSignals(
  stateLog: StateLog,
  { signals = [], packages }: HostFacts,
  about: ReturnType<typeof rebootField>,
): void {
  for (const { name: signal, required, reason } of signals) {
    const topic = `signal ${signal}`;
    if (required === 'unknown')
      stateLog.raise(topic, 'warn', 'a signal cannot be read', { ...about, signal, reason });
    else if (required === 'yes')
      stateLog.raise(topic, 'info', 'a reboot is required', {
        ...about,
        signal,
        ...(signal === 'sentinel' ? { packages: packages.length } : { reason }),
      });
    else stateLog.clear(topic, 'a signal asks for no reboot', { ...about, signal });
  }
}
