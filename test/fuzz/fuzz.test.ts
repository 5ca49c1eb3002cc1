/** The doors with a few inputs each, and the proof that what they are judged by can fail. */
import { describe, expect, it } from 'vitest';
import { canary, type Door, refused, taken, type Verdict } from './door.ts';
import { doors } from './doors.ts';
import { fuzz } from './fuzz.ts';

describe('a few inputs made from valid ones', () => {
  it.each(doors)('$name: end in a sentence or are taken', async (door) => {
    const { findings, taken: well, refused: badly } = await fuzz(door, { inputs: 150, seed: 7 });
    expect(findings).toEqual([]);
    expect(well + badly).toBe(door.seeds.length + 150);
    // Inputs that are all refused at the threshold reach nothing behind it.
    expect(well).toBeGreaterThan(0);
  });

  it.each(doors)('$name: its seeds are mostly valid', async (door) => {
    const { taken: well } = await fuzz(door, { inputs: 0, seed: 1 });
    expect(well / door.seeds.length).toBeGreaterThanOrEqual(0.3);
  });
});

const doorThat = (enter: Door['enter']): Door => ({
  name: 'test',
  what: 'a door of this test',
  seeds: ['{"a":1}'],
  tokens: ['b'],
  enter,
});
const whyOf = async (enter: Door['enter'], cpu?: () => number): Promise<readonly string[]> => {
  const options = { inputs: 20, seed: 1, ...(cpu === undefined ? {} : { cpu }) };
  return (await fuzz(doorThat(enter), options)).findings.map(({ why }) => why);
};

describe('a door is found out', () => {
  it.each<[string, () => Verdict, RegExp]>([
    ['that throws', () => JSON.parse('{') as Verdict, /^it throws SyntaxError/],
    ['that refuses without a word', () => refused(/\w/), /without a sentence/],
    ['that refuses with a blank', () => refused(/\w/, 'a.', ' '), /without a sentence/],
    ['that names no field', () => refused(/channel/, 'It is wrong.'), /names no field/],
    [
      'that tells a secret',
      () => refused(/\w/, `The token ${canary} is wrong.`),
      /a secret is in the message/,
    ],
    ['that shows an object', () => refused(/\w/, 'Found [object Object].'), /an error of the program/],
    ['that shows a stack', () => refused(/\w/, 'x\n    at read (src/x.ts:1:2)'), /an error of the program/],
    ['that says too much', () => refused(/\w/, 'x'.repeat(30_000)), /30000 characters/],
  ])('%s', async (_, enter, why) => {
    const found = await whyOf(enter);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(why);
  });

  it('that takes longer than a second of CPU, whatever the clock says', async () => {
    let now = 0;
    const slow = (): number => (now += 1001);
    expect(await whyOf(() => taken, slow)).toEqual([expect.stringMatching(/^it took 1001 ms of CPU/)]);
  });

  it('that keeps what it was given', async () => {
    const kept: string[][] = [];
    const leak = (): Verdict => {
      kept.push(Array.from({ length: 400_000 }, (_, nth) => `x${nth}`));
      return taken;
    };
    const found = await whyOf(leak);
    expect(found).toEqual([expect.stringMatching(/^the heap has grown by \d+ MB/)]);
    expect(kept.length).toBe(21);
  });

  it('by the same inputs for the same seed', async () => {
    const seen = async (seed: number): Promise<readonly string[]> => {
      const inputs: string[] = [];
      await fuzz(
        doorThat(() => taken),
        { inputs: 100, seed, onInput: (input) => inputs.push(input) },
      );
      return inputs;
    };
    expect(await seen(3)).toEqual(await seen(3));
    expect(await seen(3)).not.toEqual(await seen(4));
  });
});
