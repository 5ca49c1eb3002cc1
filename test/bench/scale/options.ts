// `--nodes N --pods N --asking N`; without them the sizes whose growth is told. `--control-plane`: on a real
// one instead of the demo's.
import type { ScaleSize } from './scale.ts';
import type { ApiKind } from './scale-environment.ts';

const podsPerNode = 30;
const shareAsking = 0.4;
const sizes = [100, 1_000, 5_000];

export function numberAfter(args: readonly string[], name: string): number | undefined {
  const index = args.indexOf(name);
  return index < 0 ? undefined : Number(args[index + 1]);
}

export function scaleSizes(args: readonly string[]): readonly ScaleSize[] {
  const number = (name: string): number | undefined => numberAfter(args, name);
  const sizeOf = (nodes: number): ScaleSize => ({
    nodes,
    pods: number('--pods') ?? nodes * podsPerNode,
    asking: number('--asking') ?? Math.round(nodes * shareAsking),
  });
  const nodes = number('--nodes');
  return nodes === undefined ? sizes.map(sizeOf) : [sizeOf(nodes)];
}

export const apiKindOf = (args: readonly string[]): ApiKind =>
  args.includes('--control-plane') ? 'control-plane' : 'demo';
