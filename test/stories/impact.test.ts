import { describe } from 'vitest';
import { inDemoHouse } from './demo-stage.ts';
import { impactStories } from './impact-stories.ts';

describe.concurrent('in the demo house', () => impactStories(inDemoHouse));
