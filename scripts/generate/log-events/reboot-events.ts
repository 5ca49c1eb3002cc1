/** Log events of reboots, from the first sign to the end, and of what people decide about them. */
import type { LogEvents } from './log-event.ts';

export const decisionEvents = {
  'decision taken':
    'Somebody, or a rule, decided: `decision`, `by`, `by_kind` (user, kubernetes, window or rule), `by_name`, `mode`, `until`, `reason`, and `digest` of the packages decided on.',
  'decision rejected': 'Somebody could not decide so: `code` and `why`. They were told.',
  'decision lapsed': 'What was decided does not hold any more: `reason`.',
  'decision for many taken':
    '`by` decided on the `nodes` of a digest: `decision`, `revision`. A line for each node follows.',
  'decision for many applied': 'It was applied to every node that it holds for.',
  'reboot requested': '`by` asked for a reboot, whatever the signals say, for this `reason`.',
  'request by annotation not taken up': 'The annotation asks for a reboot that cannot be: `why`.',
  'name beside a request is not proven: no admission policy compares it':
    'Somebody wrote `named` beside the annotation; the record says "somebody with kubectl".',
  'reboots paused': '`what` was put on hold, `by` whom, `until` when, and the `reason`.',
  'reboots resumed': '`what` goes on, `by` whom.',
  'rollout goes on': '`by` accepted what halted the rollout: `although`.',
  'decision not stored': 'The API server did not answer; the person was told. `decision`, `by`, `err`.',
  'decision for many not stored': 'The same of a decision for the nodes of a digest.',
  'decision on a list not stored': 'The same of a decision for the nodes of a list.',
  'refused decisions not told':
    'A decision on a list did not hold for some nodes, and Slack refuses the message that says so. `/reboot why NODE` shows each.',
  'decision on a list taken': 'For all nodes of a `list` that `/reboot` answered with.',
  'request not stored': 'The same of a request.',
  'pause not stored': 'The same of a pause.',
  'decision not announced': 'It is stored, and its card is rendered by the next resync.',
} as const satisfies LogEvents;

export const runEvents = {
  'reboot required': 'A node asks; its Reboot was made.',
  'approved reboot waits': '`codes` and `why`: once, and again when the codes change.',
  'start deferred': 'A gate said no right before the start: `codes`, `why`.',
  'turn not free': '`holders` have it; `why` names the limit.',
  'reboot changed phase': '`from`, `phase` it is in now, and the `event`.',
  'node cordoned': '`owner` is `us`, or `other` if it had been cordoned before.',
  'node not cordoned: its turn was lost, and another is not free': 'It waits for a turn again.',
  'drain begins': 'Its pods are evicted from here on.',
  'drain waits for budget':
    '`budget`, `needed`, `healthy`, `pod`, `kind` (`now`, or `never` where it allows none as it is written), `waited_s`: once, and again each time the wait has doubled.',
  'drain leaves a pod that came back':
    '`pod`, `why` (`tolerates`, `named`, or `again`: its controller makes new ones without end), `of`: its controller.',
  'drain goes on with volumes attached': '`volumes`, `limit`: they did not come off the node in time.',
  'drain does not wait for volumes': '`why`: the bot may not read them, or the cluster knows no attachments.',
  'drain goes on by force': 'The drain breaks budgets now: `pods` are left.',
  'drain looks again later': 'The last list of the drain got no answer.',
  'an eviction got no answer': '`pod`. It is tried again.',
  'node drained': 'The node is empty: `pods` have left it, `pods_left` stay, `took_s`.',
  'hook lets the reboot go on': '`hook` (`before` or `after`) said yes.',
  'hook does not let the reboot go on':
    '`hook`, `why`: what it said. It is asked again, unless `answer` is `failed`.',
  'reboot goes on without its hook': '`hook` gave no yes, and its pool wants it so.',
  'node told to reboot': 'The order stands; `end_boot` is the boot to end.',
  'order not given': '`answer`: why the order was not written.',
  'reboot failed': '`code` (see Failures) and `why`: the first thing to look for at night.',
  'node uncordoned': '`answer` says how: done, or nothing was to be done.',
  'node stays cordoned': '`answer`: the cordon is of somebody else, or of another boot.',
  'reboot ended':
    'Nothing is owed any more. `phase` is the result; `total_s` counts from the first sign. After a success also `run_s`, `drain_s`, `boot_s`, `settle_s`, `pods`, `kernel`.',
  'the reboot disturbs more than was known when it was approved':
    '`lost`, `goes_down`, `refusals`: the thread says it too.',
  'impact cannot be assessed':
    'The card shows what was known before; it is tried again with the next resync.',
  'impact is known only in part':
    '`unknown`: the `workloads` that go down, or the `room` elsewhere; `err` says why.',
  'workloads cannot be read; the rollout goes on without comparing them':
    'The bot lacks a right of the chart: `err` says which.',
  'reboot follows its node into another pool': '`from` which pool.',
  'alerts silenced': '`until` when; extended while the reboot is under way.',
  'alerts not silenced':
    'The Alertmanager of `hooks.silence` cannot be used: `why`. Tried again every minute.',
  'silence of alerts ended': 'The reboot is over.',
  'silence of alerts not ended': '`why`. It ends by itself within 30 min.',
  'node labelled': 'Taint, labels or annotations of `hooks` were written.',
  'node not labelled': 'They could not be written now; the next look tries again.',
  'labels taken off a node whose reboot is over':
    'The Reboot was deleted, or somebody uncordoned a node that was given up.',
  'reboot does not come to rest; its steps are slowed down':
    'It goes `from` one phase `to` another again and again: another writer of its record, or a bug.',
  'event not recorded': 'The Event of Kubernetes was lost; the reboot goes on.',
} as const satisfies LogEvents;

export const recoveryEvents = {
  'turn released that nobody owned': 'Its Reboot was over or gone.',
  'turn written back that was lost': 'The ledger lacked the turn of a node that is out of service.',
  'order withdrawn that nobody owned': 'No Reboot asked for that order.',
  'node goes down by an order that nobody owns':
    'Its agent has obeyed; the node stays cordoned until it is back.',
  'node uncordoned whose reboot is over': 'Our cordon had been left.',
  'reboot was deleted, and is written anew': 'Somebody deleted the record of a reboot that owes something.',
  'reboot was deleted while nobody looked, and is written anew': 'The same, found after a start.',
  'reboot was deleted, and cannot be written anew': 'The node is put back without a record.',
  'reboot that was deleted is not written anew yet': 'Tried again with the next resync.',
  'reboot cannot be written anew': 'The same, found after a start.',
  'a Reboot cannot be read and is left alone': '`problem`. Mend it, delete it, or take a bot that knows it.',
  'report of the agent cannot be read':
    '`problem`: somebody wrote the NodeAgent by hand, or the agent is of another version.',
  'ledger of turns cannot be read': 'Somebody edited `tugboot-turns`; nothing starts.',
  'digest of a pool cannot be read and is made anew': '`problem`.',
  'digest of a pool is too large to be stored': 'Its nodes ask one by one.',
  'digest of a pool cannot be stored; its nodes ask one by one': '`err` says why.',
  'pool asks in a digest': '`nodes` of the pool ask in one message.',
  'told of nodes that cannot be read':
    '`nodes` of `pool`: signals are unknown, or the agents are silent; `about`, `reason`.',
  'told of nodes with another rebooter': '`nodes` of `pool` have something else that reboots them: `about`.',
  'notice not posted; the next resync tries again': '`what` it is about.',
} as const satisfies LogEvents;
