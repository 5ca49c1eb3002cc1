/**
 * Zones of a calendar's times: of the tz database, defined by the calendar itself, or with a Windows name.
 */
import { second } from '../../reboot/time/time.ts';
import { instantOf, isTimeZone } from '../../reboot/windows/wall-clock.ts';
import { CalendarProblem, type Component, type ContentLine, propertyOf } from './content-lines.ts';
import { describedZone } from './described-zone.ts';
import type { Zone } from './values.ts';
import { windowsZones } from './windows-zones.ts';

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

/** Finds zones by their TZID, each once. `floating` is the zone of times without a TZID. */
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
 * Names with a slash, such as Europe/Berlin, are zones of the tz database, even if the file defines them:
 * such definitions are often truncated. Names such as EST are those of the file, and only without a
 * definition those of the tz database or of Windows.
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
