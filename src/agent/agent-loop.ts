import type { AgentState } from './agent-state.ts';
import type { CommandSignals } from './signals/command-signals.ts';
import type { Backoff, Timers, Wake } from './timers.ts';
import type { Host, HostPaths } from './host/host.ts';
import type { AgentLog, Notices } from './log.ts';
import type { NodeAgent, NodeApi } from './api/node-agent.ts';
import type { RebootHost } from './orders/reboot-method.ts';
import type { ReportBackoff } from './report-backoff.ts';
import type { Transport } from './api/agent-transport.ts';

export interface AgentDeps {
  readonly version: string;
  readonly paths: HostPaths;
  /** How long between two looks at the host's files that need no event, in milliseconds. */
  readonly restat: number;
  readonly host: Host;
  readonly commands: CommandSignals;
  readonly api: NodeApi;
  readonly transport: Pick<Transport, 'lines'>;
  readonly rebootHost: RebootHost;
  readonly timers: Timers;
  readonly log: AgentLog;
  readonly notices: Notices;
}

export interface Agent extends AgentDeps {
  readonly state: AgentState;
  readonly wake: Wake;
  readonly signal: AbortSignal;
  readonly pace: ReportBackoff;
  /** Waits between attempts to obey; grows while an order that stands cannot be carried out. */
  readonly orderBackoff: Backoff;
  /** Takes in the object as heard of or as written, and looks at everything again. */
  readonly takeObject: (object: NodeAgent | undefined) => void;
}
