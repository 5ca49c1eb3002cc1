import { afterAll, beforeAll, inject } from 'vitest';
import { describeWith } from '../../needs/describe-with.ts';
import { type EnvironmentOptions, type NodeEnvironment, openNodeEnvironment } from './node-environment.ts';

/**
 * Tests in a cluster of machines that is created for them. Where none can be created they are skipped, for
 * the reason that the setup has printed; in CI they fail.
 */
export function onNodes(
  name: string,
  wish: EnvironmentOptions,
  tests: (environment: () => NodeEnvironment) => void,
): void {
  const ground = inject('nodeGround');
  const lack = ground.kind === 'none' ? ground.why : undefined;
  describeWith(name, { lack, isTold: true }, () => {
    let environment: NodeEnvironment | undefined;
    beforeAll(async () => {
      if (ground.kind === 'ready') environment = await openNodeEnvironment(ground, wish);
    });
    afterAll(() => environment?.close());
    tests(() => {
      if (environment === undefined) throw new Error('the environment stands only while tests run');
      return environment;
    });
  });
}
