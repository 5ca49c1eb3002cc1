import { describe } from 'vitest';
import { inDemoHouse } from './demo-stage.ts';
import { handStories, unreadableStory } from './hand-stories.ts';

describe.concurrent('in the demo house', () => {
  handStories(inDemoHouse);
  unreadableStory(inDemoHouse);
});
