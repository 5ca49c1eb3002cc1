import { describe } from 'vitest';
import { inDemoHouse } from './demo-stage.ts';
import { signalStories } from './signal-stories.ts';

// The notice of a signal that cannot be read waits for a look of every bot.
describe.concurrent('in the demo house', { timeout: 120_000 }, () => signalStories(inDemoHouse));
