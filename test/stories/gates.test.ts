import { describe } from 'vitest';
import { inDemoHouse } from './demo-stage.ts';
import { gateStories } from './gate-stories.ts';

describe.concurrent('in the demo house', () => gateStories(inDemoHouse));
