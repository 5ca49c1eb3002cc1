import { describe } from 'vitest';
import { inDemoEnvironment } from './demo-stage.ts';
import { holdStories } from './hold-stories.ts';

describe.concurrent('in the demo environment', () => holdStories(inDemoEnvironment));
