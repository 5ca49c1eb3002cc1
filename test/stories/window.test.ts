import { describe } from 'vitest';
import { windowStories } from './window-stories.ts';
import { inDemoHouse } from './demo-stage.ts';

describe.concurrent('in the demo house', () => windowStories(inDemoHouse));
