import { calendarStories } from '../stories/calendar-stories.ts';
import { decisionStories } from '../stories/decision-stories.ts';
import { drainStories } from '../stories/drain-stories.ts';
import { gateStories } from '../stories/gate-stories.ts';
import { killedStories } from '../stories/killed-stories.ts';
import { signalStories } from '../stories/signal-stories.ts';
import { troubleStories } from '../stories/trouble-stories.ts';
import { windowStories } from '../stories/window-stories.ts';
import { inHouses } from './harness/in-houses.ts';

inHouses('the stories, on real control planes', (story) => {
  calendarStories(story);
  decisionStories(story);
  drainStories(story);
  gateStories(story);
  killedStories(story);
  signalStories(story);
  troubleStories(story);
  windowStories(story);
});
