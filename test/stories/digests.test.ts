import { describe } from 'vitest';
import { inDemoHouse } from './demo-stage.ts';
import { digestStories } from './digest-stories.ts';

describe.concurrent('in the demo house', () => {
  digestStories(inDemoHouse);
});
