/** The values of the chart, as far as they say what the bot is configured with. */

export interface ChartValues {
  readonly config: unknown;
  /** Whether the bot's pod has a file there. */
  readonly isMounted: (path: string) => boolean;
}

const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;

/** Undefined for what is no values file: no setting of the configuration is called `config`. */
export function chartValuesOf(input: unknown): ChartValues | undefined {
  const config = field(input, 'config');
  if (typeof config !== 'object' || config === null || Array.isArray(config)) return undefined;
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
