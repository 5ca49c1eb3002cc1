import { type OrderReceipt, reportLimits } from '../../reboot/nodes/node-report.ts';
import { cleanText } from '../host/clean-text.ts';
import type { NodeAgent } from '../api/node-agent.ts';
import { meaningOf, renewReceipt } from './order-receipt.ts';
import { publishReport } from '../api/publish-report.ts';
import type { Agent } from '../agent-loop.ts';

/** How soon to look again whether the node is cordoned by now: nothing tells the agent when it is. */
const lookAgain = 60_000;
/** No event tells of a lock that is released. */
export const lookAtPackages = 5_000;

/**
 * Carries out the order that stands, if it is for this boot, the node is cordoned, and it was not obeyed yet.
 * Returns when to try again, or undefined when nothing is owed.
 */
export async function obeyOrder(agent: Agent, object: NodeAgent): Promise<number | undefined> {
  const { endBoot, generation } = object;
  const { state, notices, timers } = agent;
  if (endBoot === undefined) {
    notices.settle('order', 'no order stands any more');
    agent.orderBackoff.reset();
    return undefined;
  }
  // Read now, and not taken from the last report: it may have been another boot.
  const bootId = await agent.host.bootId();
  const meaning = meaningOf({ endBoot, bootId, receipt: state.receipt });
  if (meaning === 'other-boot')
    notices.say('order', 'info', 'the order is for another boot: ignored', { endBoot, bootId });
  if (meaning !== 'for-us') return undefined;
  if (state.notBefore > timers.now()) return state.notBefore - timers.now();
  const cordoned = await agent.api.isCordoned(agent.signal);
  // Events came in while the answer was awaited.
  const order = { endBoot, ...(generation === undefined ? {} : { generation }) };
  if (!stands(agent, order)) return undefined;
  if (cordoned) return (await waitForPackages(agent, order)) ?? obey(agent, order);
  notices.say('order', 'warn', 'the order is refused: the node is not cordoned', { endBoot });
  keep(agent, { ...order, state: 'refused', message: 'The node is not cordoned' });
  return lookAgain;
}

/**
 * When to look again while packages are being changed; undefined: they are not, or the order says that it
 * does not matter.
 */
async function waitForPackages(agent: Agent, order: Order): Promise<number | undefined> {
  if (agent.state.object?.whilePackagesChange === true) return undefined;
  const work = await agent.host.packageWork();
  if (work?.active !== true) return undefined;
  const message = cleanText(`Packages are being changed: ${work.what}`, reportLimits.reasonLength);
  agent.notices.say('order', 'warn', 'the order waits: packages are being changed', { what: work.what });
  keep(agent, { ...order, state: 'refused', message });
  return lookAtPackages;
}

/** The order as it was read: the same boot named in a later generation is another order. */
type Order = Pick<OrderReceipt, 'endBoot' | 'generation'>;

const stands = ({ state: { object } }: Agent, { endBoot, generation }: Order): boolean =>
  object?.endBoot === endBoot && object.generation === generation;

async function obey(agent: Agent, order: Order): Promise<number | undefined> {
  const { log } = agent;
  const { endBoot } = order;
  if (!(await storeReceipt(agent, order))) {
    log.info('the order was withdrawn before it was carried out', { endBoot });
    return undefined;
  }
  if ((await agent.host.bootId()) !== endBoot) {
    log.info('the order does not stand any more for this boot', { endBoot });
    return undefined;
  }
  // Once more, right before: the receipt took a moment to store.
  const wait = await waitForPackages(agent, order);
  if (wait !== undefined) return wait;
  log.warn('asking the host to reboot', { endBoot });
  const outcome = await agent.rebootHost();
  if (outcome.asked) {
    agent.notices.say('order', 'warn', 'the host was asked to reboot', { endBoot });
    return undefined;
  }
  const pause = agent.orderBackoff.next();
  agent.state.notBefore = agent.timers.now() + pause;
  const fields = { endBoot, why: outcome.why, wait_s: Math.round(pause / 1000) };
  log.error('the host cannot be asked to reboot; trying again while the order stands', fields);
  keep(agent, { ...order, state: 'failed', message: outcome.why });
  return pause;
}

/** Stores that the host is about to be asked. False if the order does not stand any more. */
async function storeReceipt(agent: Agent, order: Order): Promise<boolean> {
  const { state } = agent;
  const before = state.receipt;
  keep(agent, { ...order, state: 'obeying' });
  const receipt = state.receipt;
  try {
    await publishReport(agent);
  } catch (error) {
    // Not known to be stored, so not done: a reboot of which nobody knows could be ordered twice.
    state.receipt = before;
    throw error;
  }
  // The answer to the write shows the order as it stood at that moment: a withdrawal before it cannot be
  // overlooked.
  return state.receipt === receipt && stands(agent, order) && !agent.signal.aborted;
}

function keep({ state, timers }: Agent, receipt: Omit<OrderReceipt, 'at'>): void {
  state.receipt = renewReceipt(state.receipt, { ...receipt, at: new Date(timers.now()).toISOString() });
}
