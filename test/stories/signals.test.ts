import { describe } from 'vitest';
import { inDemoEnvironment } from './demo-stage.ts';
import { signalStories } from './signal-stories.ts';

describe.concurrent('in the demo environment', () => signalStories(inDemoEnvironment));
