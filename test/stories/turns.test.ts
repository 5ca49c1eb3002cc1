import { describe } from 'vitest';
import { inDemoEnvironment } from './demo-stage.ts';
import { turnStories } from './turn-stories.ts';

// Not run on real control planes: none of it depends on the cluster.
describe.concurrent('in the demo environment', () => turnStories(inDemoEnvironment));
