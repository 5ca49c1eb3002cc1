/** The values of the chart, as far as they say what the bot is configured with. */
import { jsonSchema } from './schema/schema.ts';

export interface ChartValues {
  readonly config: unknown;
  /** Whether the bot's pod has a file there. */
  readonly isMounted: (path: string) => boolean;
}

const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;

/** Values of the chart beside `config`. Settings of a `tugboot.yaml` have other names. */
const neighbours = ['config', 'image', 'bot', 'agent', 'redis', 'slack', 'admission'];

function isValues(input: unknown): boolean {
  if (typeof input !== 'object' || input === null) return false;
  const { properties = {} }: { readonly properties?: object } = jsonSchema();
  return neighbours.some((name) => name in input) && !Object.keys(properties).some((name) => name in input);
}

/** Undefined for what is no values file. */
export function chartValuesOf(input: unknown): ChartValues | undefined {
  if (!isValues(input)) return undefined;
  // Left empty, or not written, it is what the chart has: all defaults.
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
