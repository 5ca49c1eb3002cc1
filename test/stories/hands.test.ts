import { describe } from 'vitest';
import { inDemoHouse } from './demo-stage.ts';
import { handStories } from './hand-stories.ts';

describe.concurrent('in the demo house', () => handStories(inDemoHouse));
