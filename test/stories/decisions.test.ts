import { describe } from 'vitest';
import { decisionStories } from './decision-stories.ts';
import { inDemoEnvironment } from './demo-stage.ts';

describe.concurrent('in the demo environment', () => decisionStories(inDemoEnvironment));
