import type { RebootEvent } from '../../../src/reboot/machine/events/events.ts';

/** One entry for each type of event: a new type does not compile until it has a meaning here. */
export const eventMeanings: Readonly<Record<RebootEvent['type'], string>> = {
  approved: 'A person, the window or the automatic rule approved it, on the digest that they saw.',
  snoozed: 'A person put it off until a time.',
  denied: 'A person said no, with a reason.',
  'asked-again': 'A person wants it to be asked again.',
  requested: 'A person asked for a reboot, whatever the signals say.',
  cancelled: 'A person called it off.',
  retried: 'A person has it tried again: from where it failed, or an undone drain before its time.',
  skipped: 'A person gave it up after a failure.',
  forced: 'A person has the drain go on past what stopped it, with a reason.',
  accepted: 'A person lets the rollout go on although workloads are less ready than before.',
  moved: 'The node belongs to another pool now.',
  observed:
    'The node was read: its boot, whether it is Ready, its cordon, its report. Deadlines are judged then, too.',
  assessed: 'What the reboot would disturb was computed anew.',
  blocked:
    'What keeps it from starting: by the plan, or by the gates that are asked before a start. Or nothing does.',
  cleared: 'What kept it from starting was seen to be gone.',
  'turn-taken': 'It has a turn in the ledger.',
  undone: 'Its drain has to be put back, and is tried again later.',
  cordoned: 'The node is cordoned, by this Reboot or by somebody before.',
  'drain-progressed': 'How many pods are gone, and what the rest waits for.',
  drained: 'All pods that have to leave are gone.',
  'drain-failed': 'The drain cannot go on, with a code and a sentence.',
  'hook-answered': 'A hook said yes, no or not yet.',
  'hook-lost': 'The stored object did not keep the run of a hook.',
  'silence-failed': 'The alerts of the node cannot be silenced. Noted once; nothing else changes.',
  reminded: 'Nobody has decided for some time, and people are reminded. Noted; nothing else changes.',
  deleted: 'Somebody deleted the Reboot.',
  'goes-down': 'The agent says that its host was asked to reboot, so that the node stays cordoned.',
  'cleaned-up': 'All that was owed after its end is done: uncordon, marks, order, turn.',
};
