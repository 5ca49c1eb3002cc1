import { decisionStories } from '../stories/decision-stories.ts';
import { drainStories } from '../stories/drain-stories.ts';
import { killedStories } from '../stories/killed-stories.ts';
import { troubleStories } from '../stories/trouble-stories.ts';
import { windowStories } from '../stories/window-stories.ts';
import { inHouses } from './harness/in-houses.ts';

inHouses('the stories, on real control planes', (story) => {
  decisionStories(story);
  drainStories(story);
  killedStories(story);
  troubleStories(story);
  windowStories(story);
});
