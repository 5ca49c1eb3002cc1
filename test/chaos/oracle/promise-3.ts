/** No reboot without a decision. */
import { at, type Json, list, type Obj, obj, text } from './json.ts';
import { isBot, phaseOf, type Seen, type Write } from './seen.ts';
import type { Found } from './invariant.ts';

const decided = new Set(['Approved', 'Draining', 'Rebooting', 'Settling', 'Succeeded']);

export function promise3(seen: Seen, write: Write): Found {
  if (write.resource !== 'reboots.tugboot.dev' || write.type === 'DELETED') return undefined;
  const { object, previous } = write;
  const phase = phaseOf(object);
  if (!decided.has(phase) || phase === phaseOf(previous)) return undefined;
  return (
    decision(seen, object) ??
    (phase === 'Draining' && phaseOf(previous) === 'Approved' ? started(seen, write) : undefined)
  );
}

function decision(seen: Seen, reboot: Obj): Found {
  const name = text(reboot, 'metadata', 'name');
  const approvals = list(reboot, 'status', 'decision', 'approvals');
  if (approvals.length === 0) return ['3.decision', `${name} is ${phaseOf(reboot)} without an approval`];
  const bare = approvals.find((one) => text(one, 'at') === '' || text(one, 'digest') === '');
  if (bare !== undefined) return ['3.decision', `an approval of ${name} has no time or no digest`];
  const pool = seen.rules.pools.find((one) => one.name === text(reboot, 'spec', 'pool'));
  const people = approvals.filter((one) => text(one, 'by', 'kind') === 'user');
  const byRule = approvals.some((one) => ['window', 'rule'].includes(text(one, 'by', 'kind')));
  if (byRule && pool?.['approval'] === 'manual')
    return ['3.by-whom', `a rule decided ${name} of a pool without one`];
  if (people.length === 0 && !byRule) return ['3.by-whom', `${name} was decided by nobody who may`];
  const ids = new Set(people.map((one) => text(one, 'by', 'id')));
  const stranger = [...ids].find((id) => !mayDecide(seen, id));
  if (stranger !== undefined)
    return ['3.by-whom', `${stranger} decided ${name} and may not, or did nothing in Slack`];
  const needed = Number(pool?.['approvalsNeeded'] ?? 1);
  return byRule || ids.size >= needed
    ? undefined
    : ['3.decision', `${name} has ${ids.size} of ${needed} approvals`];
}

function mayDecide({ rules, acted }: Seen, id: string): boolean {
  const users = list(rules.approvers, 'users');
  const isApprover =
    rules.approvers === 'channel' ? !['U0GIO', 'U0KIM', 'U0OLD'].includes(id) : users.includes(id);
  return isApprover && acted.has(id);
}

/** Clocks of bots may differ by this much, and what was read before a start lags a little. */
const tolerance = 8_000;

/** Windows of the chaos are daily, in UTC, and end on their day. */
function inWindow({ rules }: Seen, reboot: Obj, now: number): boolean {
  const pool = rules.pools.find((one) => one.name === text(reboot, 'spec', 'pool'));
  const windows = list(pool, 'windows');
  return windows.some((window) => {
    const [hours = 0, minutes = 0] = text(window, 'start').split(':').map(Number);
    const from = new Date(now).setUTCHours(hours, minutes, 0, 0);
    const lasts = Number.parseInt(text(window, 'duration'), 10) * 60_000;
    return from - tolerance <= now && now < from + lasts + tolerance;
  });
}

const risky = /^(linux-image|libc6)/;
const names = (packages: readonly Json[]): readonly string[] =>
  packages.map((one) => text(one, 'name')).filter((name) => risky.test(name));

function started(seen: Seen, { at: now, object: reboot, actor }: Write): Found {
  const name = text(reboot, 'metadata', 'name');
  const isLate = text(reboot, 'status', 'decision', 'mode') === 'window' && !inWindow(seen, reboot, now);
  if (isLate) return ['3.window', `${name} was decided for the window, and starts outside of it`];
  const { decision: taken, need } = obj(reboot, 'status');
  if (text(taken, 'riskDigest') !== text(need, 'riskDigest'))
    return ['3.digest', `${name} starts on another digest than was decided on`];
  const node = text(reboot, 'spec', 'node');
  const since = seen.agentSince.get(node) ?? Number.POSITIVE_INFINITY;
  const path = '/apis/tugboot.dev/v1alpha1/nodeagents';
  const readAt = Math.min(seen.readAt(actor, `${path}/${node}`), seen.readAt(actor, path));
  const agent = seen.agents.get(node);
  if (!isBot(actor) || since >= readAt || text(agent, 'status', 'bootId') !== text(reboot, 'spec', 'bootID'))
    return undefined;
  const known = new Set(names(list(need, 'packages')));
  const unknown = names(list(agent, 'status', 'packages')).find((one) => !known.has(one));
  const isPersons = at(need, 'person') !== undefined;
  return unknown === undefined || isPersons
    ? undefined
    : ['3.digest', `${name} starts without a word of ${unknown}`];
}
