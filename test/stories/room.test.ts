import { describe } from 'vitest';
import { inDemoEnvironment } from './demo-stage.ts';
import { roomStories } from './room-stories.ts';

describe.concurrent('in the demo environment', () => roomStories(inDemoEnvironment));
