/** The chart values that configure the bot. */
import { jsonSchema } from './schema/schema.ts';

export interface ChartValues {
  readonly config: unknown;
  /** True if a file is mounted at that path in the bot's pod. */
  readonly isMounted: (path: string) => boolean;
}

const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;

/**
 * Values of the chart that distinguish a values file: no setting of a `tugboot.yaml` has one of these names
 * beside `config`.
 */
const neighbours = ['config', 'image', 'bot', 'agent', 'redis', 'slack', 'admission'];

function isValues(input: unknown): boolean {
  if (typeof input !== 'object' || input === null) return false;
  const { properties = {} }: { readonly properties?: object } = jsonSchema();
  return neighbours.some((name) => name in input) && !Object.keys(properties).some((name) => name in input);
}

/** Undefined if the input is not a values file. */
export function chartValuesOf(input: unknown): ChartValues | undefined {
  if (!isValues(input)) return undefined;
  // An empty or missing `config` means the chart's: all defaults.
  const config = field(input, 'config') ?? {};
  const mounts = field(field(input, 'bot'), 'extraVolumeMounts');
  const places = (Array.isArray(mounts) ? mounts : []).flatMap((mount) => {
    const path = field(mount, 'mountPath');
    return typeof path === 'string' ? [path.replace(/\/$/, '')] : [];
  });
  return {
    config,
    isMounted: (path) => places.some((place) => path === place || path.startsWith(`${place}/`)),
  };
}
