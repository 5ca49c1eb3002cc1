import { describe } from 'vitest';
import { killedStories } from './killed-stories.ts';
import { inDemoHouse } from './demo-stage.ts';

describe.concurrent('in the demo house', () => killedStories(inDemoHouse));
