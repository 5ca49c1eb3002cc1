import { afterAll, beforeAll, inject } from 'vitest';
import { describeWith } from '../../needs/describe-with.ts';
import { type HouseOptions, type NodeHouse, openNodeHouse } from './node-house.ts';

/**
 * Tests in a cluster of machines that is created for them. Where none can be created they are skipped, for
 * the reason that the setup has printed; in CI they fail.
 */
export function onNodes(name: string, wish: HouseOptions, tests: (house: () => NodeHouse) => void): void {
  const ground = inject('nodeGround');
  const lack = ground.kind === 'none' ? ground.why : undefined;
  describeWith(name, { lack, isTold: true }, () => {
    let house: NodeHouse | undefined;
    beforeAll(async () => {
      if (ground.kind === 'ready') house = await openNodeHouse(ground, wish);
    });
    afterAll(() => house?.close());
    tests(() => {
      if (house === undefined) throw new Error('the house stands only while tests run');
      return house;
    });
  });
}
