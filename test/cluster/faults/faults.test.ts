import { inEnvironments } from '../harness/in-environments.ts';
import { conflictFaults } from './conflicts.ts';
import { deletedFaults } from './deleted.ts';
import { frozenFaults } from './frozen.ts';
import { outageFaults } from './outage.ts';
import { rotationFaults } from './rotation.ts';
import { twoBotFaults } from './two-bots.ts';
import { watchFaults } from './watches.ts';

// The longest first: three are told side by side.
inEnvironments('faults, on real control planes', (story) => {
  outageFaults(story);
  frozenFaults(story);
  rotationFaults(story);
  watchFaults(story);
  deletedFaults(story);
  twoBotFaults(story);
  conflictFaults(story);
});
