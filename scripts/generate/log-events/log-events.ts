/**
 * Every message that is logged, in one table: docs/logs.md is made from it, and a test finds each in the
 * sources.
 */
import { agentEvents } from './agent-events.ts';
import { clusterEvents, programEvents, queueEvents } from './program-events.ts';
import type { LogEvents } from './log-event.ts';
import { decisionEvents, recoveryEvents, runEvents } from './reboot-events.ts';
import { slackEvents } from './slack-events.ts';

export interface LogSection {
  readonly title: string;
  readonly component: 'bot' | 'agent';
  readonly events: LogEvents;
}

export const logSections: readonly LogSection[] = [
  { title: 'Decisions', component: 'bot', events: decisionEvents },
  { title: 'One reboot', component: 'bot', events: runEvents },
  { title: 'The agent', component: 'agent', events: agentEvents },
  { title: 'Recovery, and what cannot be read', component: 'bot', events: recoveryEvents },
  { title: 'The program', component: 'bot', events: programEvents },
  { title: 'The cluster', component: 'bot', events: clusterEvents },
  { title: 'The queue', component: 'bot', events: queueEvents },
  { title: 'Slack', component: 'bot', events: slackEvents },
];
