import type { OrderReceipt } from '../../reboot/nodes/node-report.ts';
import { reportLimits } from '../../reboot/nodes/report-limits.ts';
import { cleanText } from '../host/clean-text.ts';
import type { NodeAgent } from '../api/node-agent.ts';
import { meaningOf, renewReceipt } from './order-receipt.ts';
import { publishReport } from '../api/publish-report.ts';
import type { Agent } from '../agent-loop.ts';
import type { AgentLogFields } from '../log.ts';
import { rebootField } from './reboot-field.ts';

/** Interval between checks whether the node has been cordoned: the agent does not watch its Node. */
const cordonPollInterval = 60_000;
/** Releasing a file lock causes no event. */
export const packagePollInterval = 5_000;

/**
 * Carries out the standing order if it names this boot, the node is cordoned, and it has not been obeyed yet.
 * Returns the milliseconds until the next attempt; undefined if none is needed.
 */
export async function obeyOrder(agent: Agent, object: NodeAgent): Promise<number | undefined> {
  const { endBoot, generation } = object;
  const { state, stateLog, timers } = agent;
  if (endBoot === undefined) {
    stateLog.clear('order', 'no order stands any more');
    agent.orderBackoff.reset();
    return undefined;
  }
  // Read now instead of taken from the last report, which may belong to an earlier boot.
  const bootId = await agent.host.bootId();
  const meaning = meaningOf({ endBoot, bootId, receipt: state.receipt });
  if (meaning === 'other-boot')
    stateLog.raise('order', 'info', 'the order is for another boot: ignored', {
      ...aboutOrder(agent, endBoot),
      boot_id: bootId,
    });
  if (meaning !== 'for-us') return undefined;
  if (state.notBefore > timers.now()) return state.notBefore - timers.now();
  const cordoned = await agent.api.isCordoned(agent.signal);
  // Events may have arrived during the request.
  const order = { endBoot, ...(generation === undefined ? {} : { generation }) };
  if (!stands(agent, order)) return undefined;
  if (cordoned) return (await waitForPackages(agent, order)) ?? obey(agent, order);
  stateLog.raise(
    'order',
    'warn',
    'the order is refused: the node is not cordoned',
    aboutOrder(agent, endBoot),
  );
  setReceipt(agent, { ...order, state: 'refused', message: 'The node is not cordoned' });
  return cordonPollInterval;
}

/**
 * Milliseconds until the next check while packages are being changed; undefined if none are, or if the order
 * overrides that check.
 */
async function waitForPackages(agent: Agent, order: Order): Promise<number | undefined> {
  if (agent.state.object?.whilePackagesChange === true) return undefined;
  const work = await agent.host.packageWork();
  if (work?.active !== true) return undefined;
  const message = cleanText(`Packages are being changed: ${work.what}`, reportLimits.reasonLength);
  agent.stateLog.raise('order', 'warn', 'the order waits: packages are being changed', {
    ...aboutOrder(agent, order.endBoot),
    what: work.what,
  });
  setReceipt(agent, { ...order, state: 'refused', message });
  return packagePollInterval;
}

/** The order as it was read. The same boot in a later generation is another order. */
type Order = Pick<OrderReceipt, 'endBoot' | 'generation'>;

const stands = ({ state: { object } }: Agent, { endBoot, generation }: Order): boolean =>
  object?.endBoot === endBoot && object.generation === generation;

async function obey(agent: Agent, order: Order): Promise<number | undefined> {
  const { log } = agent;
  const { endBoot } = order;
  const about = aboutOrder(agent, endBoot);
  if (!(await storeReceipt(agent, order))) {
    log.info('the order was withdrawn before it was carried out', about);
    return undefined;
  }
  if ((await agent.host.bootId()) !== endBoot) {
    log.info('the order does not stand any more for this boot', about);
    return undefined;
  }
  // Checked again right before the reboot: storing the receipt took time.
  const wait = await waitForPackages(agent, order);
  if (wait !== undefined) return wait;
  log.warn('asking the host to reboot', about);
  const outcome = await agent.rebootHost();
  if (outcome.asked) {
    agent.stateLog.raise('order', 'warn', 'the host was asked to reboot', about);
    return undefined;
  }
  const delay = agent.orderBackoff.next();
  agent.state.notBefore = agent.timers.now() + delay;
  const fields = { ...about, why: outcome.why, wait_s: Math.round(delay / 1000) };
  log.error('the host cannot be asked to reboot; trying again while the order stands', fields);
  setReceipt(agent, { ...order, state: 'failed', message: outcome.why });
  return delay;
}

const aboutOrder = ({ state: { object } }: Agent, endBoot: string): AgentLogFields => ({
  ...rebootField(object, endBoot),
  end_boot: endBoot,
});

/** Stores the receipt before the reboot is requested. Returns false if the order does not stand any more. */
async function storeReceipt(agent: Agent, order: Order): Promise<boolean> {
  const { state } = agent;
  const before = state.receipt;
  setReceipt(agent, { ...order, state: 'obeying' });
  const receipt = state.receipt;
  try {
    await publishReport(agent);
  } catch (error) {
    // Possibly not stored, so the reboot does not happen: without a stored receipt it could be ordered twice.
    state.receipt = before;
    throw error;
  }
  // The response to the write holds the order as of that write, so that an earlier withdrawal cannot be
  // missed.
  return state.receipt === receipt && stands(agent, order) && !agent.signal.aborted;
}

function setReceipt({ state, timers }: Agent, receipt: Omit<OrderReceipt, 'at'>): void {
  state.receipt = renewReceipt(state.receipt, { ...receipt, at: new Date(timers.now()).toISOString() });
}
