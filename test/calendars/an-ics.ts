/** iCalendar text for tests: lines as a calendar program writes them, with CRLF. */
export const anIcs = (...lines: readonly string[]): string =>
  ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//tests//EN', ...lines, 'END:VCALENDAR', ''].join('\r\n');

let events = 0;

export function anEvent(...lines: readonly string[]): string {
  events += 1;
  const named = lines.some((line) => line.startsWith('UID:')) ? [] : [`UID:event-${events}`];
  return ['BEGIN:VEVENT', 'DTSTAMP:20260101T000000Z', ...named, ...lines, 'END:VEVENT'].join('\r\n');
}
