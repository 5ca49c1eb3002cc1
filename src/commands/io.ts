/** The parts of the process that a command may use. */
export interface CommandIo {
  readonly env: NodeJS.ProcessEnv;
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
  /** Aborted by SIGTERM and SIGINT. */
  readonly signal: AbortSignal;
}

/** Returns the exit code: 0 done, 1 failed, 2 bad configuration or usage. */
export type Command = (args: readonly string[], io: CommandIo) => Promise<number>;
