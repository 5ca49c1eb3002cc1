import { nodeContract } from '../../reboot/nodes/node-contract.ts';
import { type NodeNote, nodeNote, type NoteTopic } from '../../reboot/nodes/node-note.ts';
import { nodeReport } from '../../reboot/nodes/node-report.ts';
import type { AgentView } from '../../reboot/nodes/observation.ts';
import { field, textAt } from '../api/json-value.ts';
import { problemOf } from '../../reboot/schema/problem.ts';

/** An unreadable note is treated as absent: it is written again. */
export function noteOf(object: unknown, topic: NoteTopic): NodeNote | undefined {
  const text = textAt(object, 'metadata', 'annotations', nodeContract[topic].key);
  if (text === undefined) return undefined;
  try {
    return nodeNote.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

export function agentView(object: unknown): AgentView {
  const node = textAt(object, 'metadata', 'name') ?? '';
  const endBoot = textAt(object, 'spec', 'endBoot');
  const unknownSignals = noteOf(object, 'unknownSignals');
  const rebooters = noteOf(object, 'rebooters');
  const base = {
    node,
    ...(endBoot === undefined ? {} : { endBoot }),
    ...(unknownSignals === undefined ? {} : { unknownSignals }),
    ...(rebooters === undefined ? {} : { rebooters }),
  };
  const status = field(object, 'status');
  if (status === undefined) return base;
  const parsed = nodeReport.safeParse(status);
  return parsed.success
    ? { ...base, report: parsed.data }
    : { ...base, unreadable: problemOf('status', parsed.error) };
}
