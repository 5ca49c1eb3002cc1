/**
 * Zones of a calendar's times: of the tz database, described by the calendar itself, or named as Windows
 * does.
 */
import { second } from '../../reboot/ports/time.ts';
import { instantOf, isTimeZone } from '../../reboot/windows/wall-clock.ts';
import { CalendarProblem, type Component, type ContentLine, propertyOf } from './content-lines.ts';
import { describedZone } from './described-zone.ts';
import type { Zone } from './values.ts';
import { windowsZones } from './windows-zones.ts';

/** The zone of a property. */
export type ZoneFinder = (property: ContentLine) => Zone;

export const utc: Zone = { name: 'UTC', instant: (wall) => wall * second };

export function ianaZone(name: string): Zone {
  return {
    name,
    instant: (wall) => {
      const reading = Math.floor(wall / 60);
      return instantOf(name, reading) + (wall - reading * 60) * second;
    },
  };
}

/** Finds zones by their TZID, each once. `floating` is that of times without one. */
export function zoneFinder(calendar: Component, floating: Zone, last: number): ZoneFinder {
  const known = new Map<string, Zone | undefined>();
  return (property) => {
    const name = property.params.get('TZID');
    if (name === undefined || name === '') return floating;
    const zone = known.has(name) ? known.get(name) : findZone(calendar, name, last);
    known.set(name, zone);
    if (!zone)
      throw new CalendarProblem('its time zone is not described here, and none that is known', property);
    return zone;
  };
}

/**
 * Names such as Europe/Berlin mean what the runtime knows of them, also where the file describes them: such
 * descriptions are often cut short. Names such as EST mean what the file says, and only without a description
 * what the tz database or Windows say.
 */
function findZone(calendar: Component, name: string, last: number): Zone | undefined {
  const inDatabase = databaseName(name);
  if (inDatabase?.includes('/')) return ianaZone(inDatabase);
  const described = calendar.components.find(
    (component) => component.name === 'VTIMEZONE' && propertyOf(component, 'TZID')?.value.trim() === name,
  );
  if (described) return describedZone(name, described, last);
  const found = inDatabase ?? windowsZones[name];
  return found === undefined ? undefined : ianaZone(found);
}

/** Some programs put a path before the name. */
function databaseName(name: string): string | undefined {
  const plain = /[A-Za-z_]+(?:\/[A-Za-z0-9_+-]+){1,2}$/.exec(name)?.[0];
  const candidates = [name, ...(plain === undefined ? [] : [plain, plain.replace(/^[^/]+\//, '')])];
  return candidates.find(isTimeZone);
}
