import { h, icon } from './dom.js';
import { store } from './store.js';

const hues = [8, 32, 150, 200, 262, 320];

const hueOf = (id) => hues[[...id].reduce((sum, character) => sum + character.charCodeAt(0), 0) % hues.length];

export function avatar(userId, size = '') {
  const element = h('span', { class: `avatar ${size}`, 'aria-hidden': 'true' });
  paintAvatar(element, userId);
  return element;
}

export function paintAvatar(element, userId) {
  element.classList.remove('bot', 'slackbot');
  if (userId === store.app.user) {
    element.classList.add('bot');
    element.replaceChildren(icon('tug'));
    return;
  }
  if (userId === 'slackbot') {
    element.classList.add('slackbot');
    element.replaceChildren('S');
    return;
  }
  const name = store.users.get(userId)?.realName ?? '?';
  element.style.setProperty('--hue', hueOf(userId));
  element.replaceChildren(
    name
      .split(' ')
      .map((word) => word[0])
      .slice(0, 2)
      .join(''),
  );
}
