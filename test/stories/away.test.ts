import { describe } from 'vitest';
import { awayStories } from './away-stories.ts';
import { inDemoEnvironment } from './demo-stage.ts';

describe.concurrent('in the demo environment', () => awayStories(inDemoEnvironment));
