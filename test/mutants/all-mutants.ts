/** All mutants, by promise. */
import { promise1 } from './list/promise-1.ts';
import { promise2 } from './list/promise-2.ts';
import { promise3 } from './list/promise-3.ts';
import { promise4 } from './list/promise-4.ts';
import { promise5 } from './list/promise-5.ts';
import { promise6 } from './list/promise-6.ts';
import { promise7 } from './list/promise-7.ts';
import { promise8 } from './list/promise-8.ts';
import { type Mutant, mutantsOf } from './mutant.ts';

export const allMutants: readonly Mutant[] = [
  ...mutantsOf(1, promise1),
  ...mutantsOf(2, promise2),
  ...mutantsOf(3, promise3),
  ...mutantsOf(4, promise4),
  ...mutantsOf(5, promise5),
  ...mutantsOf(6, promise6),
  ...mutantsOf(7, promise7),
  ...mutantsOf(8, promise8),
];
