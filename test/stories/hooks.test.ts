import { describe } from 'vitest';
import { inDemoEnvironment } from './demo-stage.ts';
import { hookStories } from './hook-stories.ts';
import { silenceStories } from './silence-stories.ts';
import { webhookHookStories } from './webhook-hook-stories.ts';

describe.concurrent('in the demo environment', () => {
  hookStories(inDemoEnvironment);
  webhookHookStories(inDemoEnvironment);
  silenceStories(inDemoEnvironment);
});
