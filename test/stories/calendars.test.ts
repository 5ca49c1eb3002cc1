import { describe } from 'vitest';
import { calendarStories } from './calendar-stories.ts';
import { inDemoHouse } from './demo-stage.ts';

describe.concurrent('in the demo house', () => calendarStories(inDemoHouse));
