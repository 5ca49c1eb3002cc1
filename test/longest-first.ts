/**
 * The order in which test files begin. A fresh clone has no durations of an earlier run, and vitest then
 * begins with the largest files. The files of stories are all small, and a long one must not begin last.
 */
import { basename } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Those that wait for times of the specification, such as a minute before people are notified. */
const longest = ['signals', 'plans', 'turns', 'away', 'hooks', 'impact', 'rollouts', 'hands', 'decisions'];

const rankOf = ({ moduleId }: TestSpecification): number => {
  const rank = longest.indexOf(basename(moduleId, '.test.ts'));
  return rank < 0 || !moduleId.includes('/test/stories/') ? longest.length : rank;
};

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted((one, other) => rankOf(one) - rankOf(other));
  }
}
