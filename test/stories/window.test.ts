import { describe } from 'vitest';
import { windowStories } from './window-stories.ts';
import { inDemoEnvironment } from './demo-stage.ts';

describe.concurrent('in the demo environment', () => windowStories(inDemoEnvironment));
