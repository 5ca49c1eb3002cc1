import type { AgentState } from './agent-state.ts';
import type { CommandSignals } from './signals/command-signals.ts';
import type { Backoff } from '../timing/backoff.ts';
import type { Notifier } from '../timing/notifier.ts';
import type { Timers } from './timers.ts';
import type { Host, HostPaths } from './host/host.ts';
import type { WatchHost } from './host/watch-host.ts';
import type { AgentLog, StateLog } from './log.ts';
import type { NodeAgent, NodeApi } from './api/node-agent.ts';
import type { RebootHost } from './orders/reboot-method.ts';
import type { ReportBackoff } from './report-backoff.ts';
import type { AgentTransport } from './api/agent-transport.ts';

export interface AgentDeps {
  readonly version: string;
  readonly paths: HostPaths;
  /** Interval between two fingerprints of the host's files when no inotify event arrives, in milliseconds. */
  readonly restat: number;
  readonly host: Host;
  readonly watchHost: WatchHost;
  readonly commands: CommandSignals;
  readonly api: NodeApi;
  readonly transport: Pick<AgentTransport, 'lines'>;
  readonly rebootHost: RebootHost;
  readonly timers: Timers;
  readonly log: AgentLog;
  readonly stateLog: StateLog;
}

export interface Agent extends AgentDeps {
  readonly state: AgentState;
  readonly wake: Notifier;
  readonly signal: AbortSignal;
  readonly reportBackoff: ReportBackoff;
  /** Backoff between attempts to obey; grows while a standing order cannot be carried out. */
  readonly orderBackoff: Backoff;
  /** Stores the object as read, watched or returned by a write, and wakes the loop. */
  readonly takeObject: (object: NodeAgent | undefined) => void;
}
