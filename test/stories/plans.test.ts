import { describe } from 'vitest';
import { inDemoHouse } from './demo-stage.ts';
import { planStories } from './plan-stories.ts';

// Not run on real control planes: none of it depends on the cluster.
describe.concurrent('in the demo house', () => planStories(inDemoHouse));
