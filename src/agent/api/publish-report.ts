import type { NodeReport } from '../../reboot/nodes/node-report.ts';
import { canonical, toStatusPatch } from '../report.ts';
import type { Agent } from '../agent-loop.ts';

/** Writes the report if it differs from the stored one. */
export async function publishReport(agent: Agent): Promise<void> {
  const { state, version, log, stateLog } = agent;
  if (state.facts === undefined || state.object === undefined) return;
  const receipt = state.receipt === undefined ? {} : { order: state.receipt };
  const report: NodeReport = { ...state.facts, agent: version, ...receipt };
  const text = canonical(report);
  const stored = canonical(state.object.status);
  // The server stored something else than it was sent (a field pruned by the schema). The same report again
  // would change nothing.
  const refused = state.written?.report === text && state.written.stored === stored;
  if (text === stored || refused) return;
  agent.reportBackoff.wrote();
  const object = await agent.api.writeStatus(toStatusPatch(report), agent.signal);
  state.written = { report: text, stored: canonical(object.status) };
  if (state.written.stored !== text)
    stateLog.raise('stored', 'warn', 'the API server stored another report than it was given');
  log.debug('report written', { required: report.required, packages: report.packages.length });
  agent.takeObject(object);
}
