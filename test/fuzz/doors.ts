/** All doors: a new one is a file in doors/, and a row here. */
import type { Door } from './door.ts';
import { agentFiles } from './doors/agent-files.ts';
import { calendars } from './doors/calendars.ts';
import { configuration, environment } from './doors/configuration.ts';
import { annotations, answers, selectors } from './doors/objects.ts';
import { agents, configMaps, reboots } from './doors/records.ts';
import { gateAnswers, queue } from './doors/services.ts';
import { buttons, commands, payloads } from './doors/slack.ts';

export const doors: readonly Door[] = [
  agentFiles,
  configuration,
  environment,
  calendars,
  queue,
  agents,
  reboots,
  configMaps,
  annotations,
  selectors,
  buttons,
  payloads,
  commands,
  gateAnswers,
  answers,
];
