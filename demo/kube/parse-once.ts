import { parse } from 'yaml';

const parsed = new Map<string, unknown>();

/** YAML by its text: a process that starts many servers parses the same long definitions and rules once. */
export function parseOnce(text: string): unknown {
  if (!parsed.has(text)) parsed.set(text, parse(text));
  return structuredClone(parsed.get(text));
}
