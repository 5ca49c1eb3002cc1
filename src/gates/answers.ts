/** Parses responses of Prometheus and Alertmanager. They are untrusted input. */
export type AlertLabels = Readonly<Record<string, string>>;
export type Found<T> =
  | { readonly ok: true; readonly found: T }
  | { readonly ok: false; readonly problem: string };

/**
 * The error of a refused request, on one line and shortened. Prometheus sends an object, Alertmanager a
 * string.
 */
export function refusedText(status: number, body: unknown): string {
  const error = typeof body === 'string' ? body : fieldAt(body, 'error');
  const said = typeof error === 'string' ? `: ${short(error)}` : '';
  return `it answers with status ${status}${said}`;
}

export const short = (text: unknown): string => String(text).replaceAll(/\s+/g, ' ').slice(0, 200);

export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function fieldAt(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (found, key) =>
      typeof found === 'object' && found !== null && Object.hasOwn(found, key)
        ? (found as Readonly<Record<string, unknown>>)[key]
        : undefined,
    value,
  );
}

export function labelsOf(value: unknown): AlertLabels {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
