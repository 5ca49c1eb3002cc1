import { describe } from 'vitest';
import { drainStories } from './drain-stories.ts';
import { inDemoHouse } from './demo-stage.ts';

describe.concurrent('in the demo house', () => drainStories(inDemoHouse));
