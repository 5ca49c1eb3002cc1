import { describe } from 'vitest';
import { inDemoEnvironment } from './demo-stage.ts';
import { handStories, unreadableStory } from './hand-stories.ts';

describe.concurrent('in the demo environment', () => {
  handStories(inDemoEnvironment);
  unreadableStory(inDemoEnvironment);
});
