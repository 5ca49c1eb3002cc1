import { describe } from 'vitest';
import { inDemoHouse } from './demo-stage.ts';
import { signalStories } from './signal-stories.ts';

describe.concurrent('in the demo house', () => signalStories(inDemoHouse));
