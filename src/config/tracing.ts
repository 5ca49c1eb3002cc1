import type { Values } from './read-environment.ts';

export interface TracingConfig {
  readonly endpoint: string;
  /** May hold credentials. */
  readonly headers: Readonly<Record<string, string>>;
  readonly serviceName: string;
}

export function tracingOf({
  OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
  OTEL_EXPORTER_OTLP_HEADERS: headers = '',
  OTEL_SERVICE_NAME: serviceName = 'tugboot',
}: Values): TracingConfig | undefined {
  if (endpoint === undefined) return undefined;
  const pairs = headers
    .split(',')
    .map((pair) => /^\s*([\w-]+)=(.*?)\s*$/.exec(pair))
    .flatMap((found) => (found === null ? [] : [[found[1] ?? '', decoded(found[2] ?? '')] as const]));
  return { endpoint, headers: Object.fromEntries(pairs), serviceName };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
