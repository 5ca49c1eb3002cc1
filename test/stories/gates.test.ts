import { describe } from 'vitest';
import { inDemoEnvironment } from './demo-stage.ts';
import { gateStories } from './gate-stories.ts';

describe.concurrent('in the demo environment', () => gateStories(inDemoEnvironment));
