/** VTIMEZONE (RFC 5545, 3.6.5): its offset changes, computed once. */
import { second } from '../../reboot/time/time.ts';
import { CalendarProblem, type Component, propertiesOf, propertyOf } from './content-lines.ts';
import { starts } from './recurrence.ts';
import { parseRule } from './recurrence-rule.ts';
import { parseDateOrTime, parseOffset, type Wall, type Zone } from './values.ts';

/** In seconds since 1970 in UTC. */
interface Change {
  readonly at: number;
  readonly from: number;
  readonly to: number;
}

/** No zone's offset is larger, and none changes twice within this time. */
const margin = 86_400;

export function describedZone(name: string, component: Component, last: Wall): Zone {
  const changes = component.components
    .filter((part) => part.name === 'STANDARD' || part.name === 'DAYLIGHT')
    .flatMap((part) => changesOf(part, last + margin))
    .sort((a, b) => a.at - b.at);
  const [first] = changes;
  if (!first) throw new CalendarProblem('it says nothing of its clock', component);
  const offsetAt = (at: number): number => lastBefore(changes, at)?.to ?? first.from;
  return {
    name,
    instant: (wall) => {
      const [before, after] = [offsetAt(wall - margin), offsetAt(wall + margin)];
      const found = [before, after].find((offset) => offsetAt(wall - offset) === offset);
      return (wall - (found ?? before)) * second;
    },
  };
}

/** The last change at or before a time; the changes are in order. */
function lastBefore(changes: readonly Change[], at: number): Change | undefined {
  let [low, high] = [0, changes.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((changes[middle]?.at ?? Infinity) <= at) low = middle + 1;
    else high = middle;
  }
  return changes[low - 1];
}

function changesOf(part: Component, last: Wall): readonly Change[] {
  const required = (name: string) => {
    const property = propertyOf(part, name);
    if (!property) throw new CalendarProblem(`${name} is missing`, part);
    return property;
  };
  const [from, to] = [parseOffset(required('TZOFFSETFROM')), parseOffset(required('TZOFFSETTO'))];
  const dtstart = required('DTSTART');
  const first = parseDateOrTime(dtstart.value, dtstart).wall;
  const added = propertiesOf(part, 'RDATE').flatMap((property) =>
    property.value.split(',').map((text) => parseDateOrTime(text.split('/')[0] ?? '', property).wall),
  );
  const repeated = propertiesOf(part, 'RRULE').flatMap((property) => {
    const rule = parseRule(property);
    const { until } = rule;
    const end =
      until === undefined ? last : Math.min(last, until.kind === 'utc' ? until.wall + from : until.wall);
    return [...starts(rule, first, end)];
  });
  // Onsets are local times in the offset before the change.
  return [...new Set([first, ...added, ...repeated])].map((wall) => ({ at: wall - from, from, to }));
}
