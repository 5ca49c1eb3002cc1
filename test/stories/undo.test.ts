import { describe } from 'vitest';
import { inDemoHouse } from './demo-stage.ts';
import { undoKilledStories, undoStories } from './undo-stories.ts';

describe.concurrent('in the demo house', () => {
  undoStories(inDemoHouse);
  undoKilledStories(inDemoHouse);
});
