/** The inputs of the configuration: environment variables and files. */
export interface Outside {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Text of a file; throws if it cannot be read. */
  readonly readFile: (path: string) => string;
}

/** Text of a file. Returns undefined and calls `why` with the reason if it cannot be read. */
export function readText(
  { readFile }: Pick<Outside, 'readFile'>,
  path: string,
  why: (code: string) => void,
): string | undefined {
  try {
    return readFile(path);
  } catch (error) {
    why(error instanceof Error && 'code' in error ? String(error.code) : 'unknown error');
    return undefined;
  }
}
