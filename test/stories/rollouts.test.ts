import { describe } from 'vitest';
import { inDemoEnvironment } from './demo-stage.ts';
import { recoveredRolloutStory, rolloutStories } from './rollout-stories.ts';

// The first ones run here only: one on a real control plane is enough.
describe.concurrent('in the demo environment', () => {
  rolloutStories(inDemoEnvironment);
  recoveredRolloutStory(inDemoEnvironment);
});
