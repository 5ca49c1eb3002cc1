import { describe } from 'vitest';
import { inDemoEnvironment } from './demo-stage.ts';
import { undoKilledStories, undoStories } from './undo-stories.ts';

describe.concurrent('in the demo environment', () => {
  undoStories(inDemoEnvironment);
  undoKilledStories(inDemoEnvironment);
});
