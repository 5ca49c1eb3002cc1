/**
 * The lines of an iCalendar file (RFC 5545, 3.1) and the components that they form, each with the number of
 * its line.
 */

export interface ContentLine {
  /** Line of the file, from 1; for a folded property its first line. */
  readonly line: number;
  readonly name: string;
  readonly params: ReadonlyMap<string, string>;
  readonly value: string;
}

export interface Component {
  readonly name: string;
  readonly line: number;
  readonly properties: readonly ContentLine[];
  readonly components: readonly Component[];
}

/** An error of a calendar, with its line. Repeats nothing of the content: calendars are private. */
export class CalendarProblem extends Error {
  override readonly name = 'CalendarProblem';

  constructor(message: string, at?: { readonly line: number; readonly name?: string }) {
    const place = at === undefined ? '' : `line ${at.line}${at.name === undefined ? '' : `, ${at.name}`}: `;
    super(`${place}${message}`);
  }
}

export interface ParsedFile {
  readonly components: readonly Component[];
  readonly problems: readonly CalendarProblem[];
}

interface OpenComponent {
  readonly name: string;
  readonly line: number;
  readonly properties: ContentLine[];
  readonly components: Component[];
}

/** The components of a file. Invalid lines are skipped and reported; their component is kept. */
export function parseFile(text: string): ParsedFile {
  const problems: CalendarProblem[] = [];
  const components: Component[] = [];
  const open: OpenComponent[] = [];
  for (const { line, text: unfolded } of unfold(text)) {
    const property = parseLine(unfolded, line);
    if (property === undefined) problems.push(new CalendarProblem('it is no property', { line }));
    else if (property.name === 'BEGIN')
      open.push({ name: property.value.trim().toUpperCase(), line, properties: [], components: [] });
    else if (property.name === 'END') {
      const ended = open.at(-1);
      if (ended?.name !== property.value.trim().toUpperCase())
        throw new CalendarProblem('it ends what is not open', { line, name: 'END' });
      open.pop();
      (open.at(-1)?.components ?? components).push(ended);
    } else open.at(-1)?.properties.push(property);
  }
  const [unfinished] = open;
  if (unfinished)
    throw new CalendarProblem('what begins here does not end', { line: unfinished.line, name: 'BEGIN' });
  return { components, problems };
}

interface Unfolded {
  readonly line: number;
  readonly text: string;
}

function unfold(text: string): readonly Unfolded[] {
  const unfolded: { line: number; text: string }[] = [];
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .entries()) {
    const last = unfolded.at(-1);
    if (/^[ \t]/.test(raw) && last) last.text += raw.slice(1);
    else if (raw.trim() !== '') unfolded.push({ line: index + 1, text: raw });
  }
  return unfolded;
}

const quotedOrPlain = '(?:"[^"]*"|[^";:,]*)';
const parameter = new RegExp(`;([A-Za-z0-9-]+)=(${quotedOrPlain}(?:,${quotedOrPlain})*)`, 'y');

function parseLine(text: string, line: number): ContentLine | undefined {
  const [name] = /^[A-Za-z0-9-]+/.exec(text) ?? [];
  if (name === undefined) return undefined;
  const params = new Map<string, string>();
  let end = name.length;
  parameter.lastIndex = end;
  for (let found = parameter.exec(text); found; found = parameter.exec(text)) {
    const [, key = '', value = ''] = found;
    params.set(key.toUpperCase(), value.replaceAll('"', ''));
    end = parameter.lastIndex;
  }
  if (text[end] !== ':') return undefined;
  return { line, name: name.toUpperCase(), params, value: text.slice(end + 1) };
}

export const propertiesOf = (component: Component, name: string): readonly ContentLine[] =>
  component.properties.filter((property) => property.name === name);

export const propertyOf = (component: Component, name: string): ContentLine | undefined =>
  component.properties.find((property) => property.name === name);
