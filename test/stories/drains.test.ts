import { describe } from 'vitest';
import { drainStories } from './drain-stories.ts';
import { inDemoEnvironment } from './demo-stage.ts';

describe.concurrent('in the demo environment', () => drainStories(inDemoEnvironment));
