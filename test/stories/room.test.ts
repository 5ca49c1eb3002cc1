import { describe } from 'vitest';
import { inDemoHouse } from './demo-stage.ts';
import { roomStories } from './room-stories.ts';

describe.concurrent('in the demo house', () => roomStories(inDemoHouse));
