import { describe } from 'vitest';
import { calendarStories } from './calendar-stories.ts';
import { inDemoEnvironment } from './demo-stage.ts';

describe.concurrent('in the demo environment', () => calendarStories(inDemoEnvironment));
