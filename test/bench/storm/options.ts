// `--nodes N`, and `--bots N --latency MS` for the work that several bots share.
import { apiKindOf, numberAfter } from '../scale/options.ts';
import type { Bench } from '../report.ts';
import { severalBots } from './several.ts';
import { storm } from './storm.ts';

const usualLatency = 20;

export function stormOf(args: readonly string[]): Bench {
  const nodes = numberAfter(args, '--nodes') ?? 500;
  const bots = numberAfter(args, '--bots');
  return bots === undefined
    ? storm({ nodes, api: apiKindOf(args) })
    : severalBots({ nodes, bots, latency: numberAfter(args, '--latency') ?? usualLatency });
}
