import { describe } from 'vitest';
import { awayStories } from './away-stories.ts';
import { inDemoHouse } from './demo-stage.ts';

describe.concurrent('in the demo house', () => awayStories(inDemoHouse));
