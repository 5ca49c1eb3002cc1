/** What the configuration is read from. */
export interface Outside {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Text of a file; throws when it cannot be read. */
  readonly readFile: (path: string) => string;
}

/** Text of a file, or undefined, and `why` told, when it cannot be read. */
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
