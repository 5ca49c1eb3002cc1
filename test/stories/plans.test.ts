import { describe } from 'vitest';
import { inDemoHouse } from './demo-stage.ts';
import { planStories } from './plan-stories.ts';

// Not told on real control planes: nothing of it depends on the cluster.
describe.concurrent('in the demo house', () => planStories(inDemoHouse));
