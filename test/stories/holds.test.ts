import { describe } from 'vitest';
import { inDemoHouse } from './demo-stage.ts';
import { holdStories } from './hold-stories.ts';

describe.concurrent('in the demo house', () => holdStories(inDemoHouse));
