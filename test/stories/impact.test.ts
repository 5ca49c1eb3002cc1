import { describe } from 'vitest';
import { inDemoEnvironment } from './demo-stage.ts';
import { impactStories } from './impact-stories.ts';

describe.concurrent('in the demo environment', () => impactStories(inDemoEnvironment));
