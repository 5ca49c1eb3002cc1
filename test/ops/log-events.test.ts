/** The sources log only what the table of log events names, and the table names only what they log. */
import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { auditedMessages } from '../../src/ops/audited.ts';
import { logSections } from '../../scripts/generate/log-events/log-events.ts';

type Component = 'bot' | 'agent';

interface Logged {
  readonly file: string;
  readonly component: Component;
  /** Undefined: not a constant. */
  readonly message: string | undefined;
  readonly call: string;
}

/** Pass on what others log. */
const forwarders = new Set(['src/ops/json-logger.ts', 'src/agent/log.ts', 'src/reboot/show/job-log.ts']);

const componentOf = (file: string): Component =>
  /^src\/(agent\/|commands\/agent\.ts)/.test(file) ? 'agent' : 'bot';

const calls = [
  /\b(?:#?(?:logger|log)|logOf\([\w.]+\))(?:\.(?:debug|info|warn|error)|\[\w+\])\(/g,
  /\bstateLog\s*\.(?:raise|clear)\(/g,
  // Logged elsewhere.
  /\bremark\((?=')/g,
  /\b(?:logMessage|message): (?='[a-z])/g,
];

/** From the bracket to the one that closes it; a line where there is none. */
function argumentsAt(text: string, start: number): string {
  if (text[start - 1] !== '(') return text.slice(start, text.indexOf('\n', start));
  let depth = 1;
  let end = start;
  for (; depth > 0; end += 1) depth += { '(': 1, ')': -1 }[text[end] ?? ''] ?? 0;
  return text.slice(start, end - 1);
}

const messageIn = (call: string): string | undefined =>
  /^\s*(?:(?:'[\w-]+'|topic),\s*(?:'(?:info|warn|error)',\s*)?)?'((?!(?:info|warn|error)')[^']+)'/.exec(
    call,
  )?.[1];

/** Errors and texts for people have this field, too. */
const noLog = /new \w*Error\(|problems\.push|ctx\.|z\./;

const logged: readonly Logged[] = globSync('src/**/*.ts')
  .filter((file) => !forwarders.has(file))
  .flatMap((file) => {
    const text = readFileSync(file, 'utf8');
    const component = componentOf(file);
    const found = component === 'agent' || /logMessage/.test(text) ? calls : calls.slice(0, 2);
    return found.flatMap((pattern) =>
      [...text.matchAll(pattern)].flatMap((match) => {
        const call = argumentsAt(text, match.index + match[0].length);
        return noLog.test(call) ? [] : [{ file, component, message: messageIn(call), call }];
      }),
    );
  });

const dynamic = [
  "src/agent/run-agent.ts: topic, 'warn', message, fields",
  'src/reboot/collect/post-notices.ts: topic.logMessage, fields',
];

const named = (component: Component): readonly string[] =>
  logSections.filter((each) => each.component === component).flatMap(({ events }) => Object.keys(events));

describe('a log line', () => {
  it('has a constant message', () => {
    const others = logged.filter(({ message }) => message === undefined);
    expect(others.map(({ file, call }) => `${file}: ${call.trim()}`).sort()).toEqual([...dynamic].sort());
  });

  it.each(['bot', 'agent'] as const)('of the %s is in the table, and every row is logged', (component) => {
    const messages = logged
      .filter((each) => each.component === component)
      .flatMap(({ message }) => message ?? []);
    expect([...new Set(messages)].sort()).toEqual([...named(component)].sort());
  });

  it('has keys in snake_case', () => {
    const camel = logged.flatMap(({ file, call }) =>
      [...call.matchAll(/[{,]\s*([a-z]+[A-Z]\w*)\s*[:,}]/g)].map(([, key]) => `${file}: ${key}`),
    );
    expect(camel).toEqual([]);
  });

  it('that records a decision is in the table', () => {
    expect([...auditedMessages].filter((message) => !named('bot').includes(message))).toEqual([]);
  });

  it('is named once: each message belongs to one section', () => {
    const all = logSections.flatMap(({ events }) => Object.keys(events));
    expect(all.filter((message, index) => all.indexOf(message) !== index)).toEqual([]);
  });
});
