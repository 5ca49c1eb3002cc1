import { describe } from 'vitest';
import { inDemoEnvironment } from './demo-stage.ts';
import { digestStories } from './digest-stories.ts';

describe.concurrent('in the demo environment', () => {
  digestStories(inDemoEnvironment);
});
