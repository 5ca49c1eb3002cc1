import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { chart } from './render-chart.ts';

const folder = join(chart, 'presets');

/** The values of each platform, by its name. */
export const presets: ReadonlyMap<string, Record<string, Record<string, unknown>>> = new Map(
  readdirSync(folder).map((file) => [
    file.replace('.yaml', ''),
    parse(readFileSync(join(folder, file), 'utf8')) as Record<string, Record<string, unknown>>,
  ]),
);

/** As an installation with it: with a Secret of Slack, and with the network policies. */
export const valuesOf = (preset: Record<string, Record<string, unknown>>): Record<string, unknown> => ({
  ...preset,
  slack: { existingSecret: 'slack' },
  networkPolicy: { ...preset['networkPolicy'], enabled: true },
});
