import { describe } from 'vitest';
import { killedStories } from './killed-stories.ts';
import { inDemoEnvironment } from './demo-stage.ts';

describe.concurrent('in the demo environment', () => killedStories(inDemoEnvironment));
