import { describe } from 'vitest';
import { troubleStories } from './trouble-stories.ts';
import { inDemoEnvironment } from './demo-stage.ts';

describe.concurrent('in the demo environment', () => troubleStories(inDemoEnvironment));
