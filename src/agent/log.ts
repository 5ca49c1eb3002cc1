/**
 * Log lines in pino's format, one JSON object a line, without pino: the agent has no dependencies at run
 * time.
 */
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type AgentLogLevel = (typeof logLevels)[number];

export type AgentLogFields = Readonly<Record<string, unknown>>;

type Write = (message: string, fields?: AgentLogFields) => void;

export interface AgentLog {
  readonly debug: Write;
  readonly info: Write;
  readonly warn: Write;
  readonly error: Write;
}

export interface LogDeps {
  readonly write: (line: string) => void;
  readonly level: AgentLogLevel;
  readonly now: () => number;
  /** Added to every line. */
  readonly fields?: AgentLogFields;
}

export function createLog({ write, level, now, fields: bound = {} }: LogDeps): AgentLog {
  const threshold = logLevels.indexOf(level);
  const at =
    (name: AgentLogLevel): Write =>
    (message, fields = {}) => {
      if (logLevels.indexOf(name) < threshold) return;
      const time = new Date(now()).toISOString();
      write(`${JSON.stringify({ level: name, time, msg: message, ...bound, ...fields })}\n`);
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** Logs state changes only: a lasting condition is one line when it begins and one when it ends. */
export interface StateLog {
  /** Logs unless the last line of this `topic` is the same. */
  raise(topic: string, level: 'info' | 'warn' | 'error', message: string, fields?: AgentLogFields): void;
  /** The condition of the topic has ended; `message` is logged if one had been logged for it. */
  clear(topic: string, message: string, fields?: AgentLogFields): void;
}

export function createStateLog(log: AgentLog): StateLog {
  const active = new Map<string, string>();
  return {
    raise(topic, level, message, fields = {}) {
      // Its name becomes known when the API server answers, which is no news about the topic.
      const { reboot: _name, ...news } = fields;
      const line = JSON.stringify([message, news]);
      if (active.get(topic) === line) return;
      active.set(topic, line);
      log[level](message, fields);
    },
    clear(topic, message, fields) {
      if (active.delete(topic)) log.info(message, fields);
    },
  };
}
