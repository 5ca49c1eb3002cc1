import { describe } from 'vitest';
import { decisionStories } from './decision-stories.ts';
import { inDemoHouse } from './demo-stage.ts';

describe.concurrent('in the demo house', () => decisionStories(inDemoHouse));
