import { describe } from 'vitest';
import { clusterStories } from './cluster-stories.ts';
import { inDemoEnvironment } from './demo-stage.ts';

describe.concurrent('in the demo environment', () => clusterStories(inDemoEnvironment));
