import { afterAll, beforeAll, describe, inject } from 'vitest';
import { type HouseWish, type NodeHouse, openNodeHouse } from './node-house.ts';

/** Tests in a cluster of machines that is made for them; where none can be made they are skipped, and the setup has said why. */
export function onNodes(name: string, wish: HouseWish, tests: (house: () => NodeHouse) => void): void {
  const ground = inject('nodeGround');
  describe.skipIf(ground.kind === 'none')(name, () => {
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
