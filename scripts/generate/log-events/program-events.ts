/** Log events of the bot as a program: its start, its configuration, and what it depends on. */
import type { LogEvents } from './log-event.ts';

export const programEvents = {
  starting: '`node_version`, and `tz_data`: the version of the time zone data.',
  'the start waits for the cluster': '`why`. It is tried again.',
  ready: '`pools`, and `health_port` with /livez, /readyz and /metrics.',
  'cluster served': 'Its watches have listed, and its workers run: `pools`, their number.',
  'cluster cannot be served':
    '`err`. Of several clusters the others are served; `/reboot status` says why this one is not.',
  'cluster removed from the configuration':
    'Its workers stop, then its cards lose their buttons, then its connections are closed.',
  'cards of a removed cluster edited': '`edited`, and `missed`: those lose their buttons at the first click.',
  stopping: 'The signal has come.',
  stopped: 'Everything is closed.',
  'stopped without closing everything': 'Something did not end in time. Nothing is lost by it.',
  'cannot go on': 'The bot ends; the sentence is in `kubectl describe pod` too.',
  'configuration taken': 'The file has changed, and is in force.',
  'configuration refused, the one before stays in force':
    'The file has changed, and `problem` says everything that is wrong with it.',
  'the configuration file is not watched any more': 'It is looked at every few seconds instead.',
  'the configuration file cannot be watched': 'The same from the start.',
  'calendar read':
    'A calendar holds something else than before, or can be read again: `days`, `events` of a year.',
  'calendar read in part': '`left_out` cannot be read; the rest counts.',
  'calendar read as a whole again': 'Nothing is left out any more.',
  'calendar cannot be read':
    '`problem`; the copy of `last_read` holds on, and without one the windows of its pools stay closed.',
  'calendar reader failed': 'Unexpected: `err`.',
  'a library says': '`detail`: a line that a library would have written beside the log.',
  'audit record not delivered':
    'The webhook of `audit` did not take `records`: `why`. It is tried again with growing pauses; this log has them all.',
  'outage not recorded as an Event': '`part` is away; only the Event is missing.',
} as const satisfies LogEvents;

export const clusterEvents = {
  'the watch was interrupted': '`what` is watched; a few are normal.',
  'the watch was quiet and is begun anew':
    'No traffic for long; a new list shows whether the server is there.',
  'the watch is interrupted again and again': 'The API server keeps ending the watch of `what`: `failures`.',
  'a listener of the watch failed': 'Unexpected: `err`. The watch goes on.',
  'a listener of the gates failed': 'Unexpected: `err`. The gates are asked again by the resync.',
  'left to the next resync': '`what` could not be queued now.',
} as const satisfies LogEvents;

export const queueEvents = {
  'queue backend cannot be used':
    '`why`: Redis is away, is a replica, refuses the password or a command, or may throw jobs away.',
  'queue backend is back': 'Everything is looked at again.',
  'queue cannot be reached; the next resync goes on': 'What was decided is stored.',
  'card not rendered; the next resync renders it': 'The queue cannot be reached.',
  'resync not queued': 'The next one is tried in 30 s.',
  'step failed and is tried again': 'Something did not answer; `job`, and `failures` in a row.',
  'step failed for good; the next resync tries again':
    'Something refused; `err` says which right or what was wrong.',
  'step failed unexpectedly and is tried again': 'A fault of Tugboot: `err` with its stack.',
  'job dropped': '`problem`: its payload is not understood, or is of another version.',
  'job locks lost': '`jobs` took so long that another worker may take them.',
  'job taken over from a worker that went silent': '`job` had a worker that ended without a word.',
  'worker ended': 'Unexpected: `err`.',
  'worker lost its backend': 'It connects again by itself.',
} as const satisfies LogEvents;
