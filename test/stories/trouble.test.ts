import { describe } from 'vitest';
import { troubleStories } from './trouble-stories.ts';
import { inDemoHouse } from './demo-stage.ts';

describe.concurrent('in the demo house', () => troubleStories(inDemoHouse));
