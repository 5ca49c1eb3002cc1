/** What happened, in lines that a person can read. */
import { type JsonObject, objectAt, textAt } from '../../../demo/kube/json.ts';
import type { Message } from '../../../demo/slack/workspace/records.ts';
import type { Logger } from '../../../src/reboot/ports/logger.ts';
import { silentLogger } from '../../fakes/silent-logger.ts';
import type { VirtualTime } from '../time/virtual-time.ts';
import type { Audit } from '../wire/kube-wire.ts';

export interface Trace {
  readonly lines: readonly string[];
  say(what: string): void;
  write(
    record: { readonly actor: string; readonly resource: string; readonly key: string },
    type: string,
    object: JsonObject,
    previous: JsonObject | undefined,
  ): void;
  request(audit: Audit, status: number): void;
  message(message: Message | undefined): void;
  loggerOf(process: string): Logger;
}

export function createTrace(time: VirtualTime, start: number, keeps: boolean): Trace {
  const lines: string[] = [];
  const say = (what: string): void => {
    if (keeps) lines.push(`${((time.now() - start) / 1000).toFixed(3).padStart(9)} ${what}`);
  };
  return {
    lines,
    say,
    write({ actor, resource, key }, type, object, previous) {
      if (!keeps || resource === 'events') return;
      say(
        `${actor}: ${type} ${resource} ${key}: ${difference(previous, type === 'DELETED' ? undefined : object)}`,
      );
    },
    request({ actor, method, path }, status) {
      if (keeps && (method !== 'GET' || status >= 400)) say(`${actor}: ${method} ${path} answered ${status}`);
    },
    message(message) {
      if (!keeps || message === undefined) return;
      const ids = [...JSON.stringify(message.blocks ?? []).matchAll(/"action_id":"([^"]*)"/g)].map(
        ([, id]) => id,
      );
      const where = message.threadTs ? ` in ${message.threadTs}` : '';
      say(`Slack shows ${message.ts}${where}: ${message.text} [${ids.join(' ')}]`);
    },
    loggerOf: (process) => (keeps ? logger(say, process) : silentLogger),
  };
}

function logger(say: (what: string) => void, name: string): Logger {
  const at =
    (level: string): Logger['info'] =>
    (message, fields = {}) => {
      const { err, ...rest } = fields;
      const why = err instanceof Error ? ` ${err.stack ?? err.message}` : '';
      say(`${name} logs ${level}: ${message} ${JSON.stringify(rest)}${level === 'error' ? why : ''}`);
    };
  const made: Logger = {
    debug: () => undefined,
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: () => made,
  };
  return made;
}

const left = new Set(['resourceVersion', 'managedFields', 'generation', 'creationTimestamp', 'uid']);

/** The leaves that differ. */
function difference(before: unknown, after: unknown): string {
  const found: string[] = [];
  compare(before, after, '', found);
  const shown = found.slice(0, 12).join(', ');
  return found.length > 12 ? `${shown} and ${found.length - 12} more` : shown;
}

function compare(before: unknown, after: unknown, path: string, found: string[]): void {
  if (found.length > 40 || JSON.stringify(before) === JSON.stringify(after)) return;
  const isNested = (value: unknown): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isNested(before) && !isNested(after)) {
    found.push(`${path}=${(JSON.stringify(after) ?? 'gone').slice(0, 120)}`);
    return;
  }
  const [one, other] = [isNested(before) ? before : {}, isNested(after) ? after : {}];
  for (const key of new Set([...Object.keys(one), ...Object.keys(other)]))
    if (!left.has(key)) compare(one[key], other[key], path === '' ? key : `${path}.${key}`, found);
}

export const phaseOf = (object: JsonObject): string => textAt(objectAt(object, 'status'), 'phase');
