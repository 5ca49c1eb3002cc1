// The message box: Enter sends; a slash shows the app's commands.
import { act } from './act.js';
import { h, icon } from './dom.js';
import { store } from './store.js';

const suggestions = ['status', 'help'];

/** `where()` returns the channel and, in a thread, its ts. */
export function createComposer(form, { id, label, where, afterSend }) {
  const input = h('textarea', { id, rows: 1, 'aria-label': label, placeholder: label, 'aria-autocomplete': 'list', 'aria-controls': `${id}-offers` });
  const offers = h('div', { class: 'offers', id: `${id}-offers`, hidden: true });
  const button = h('button', { type: 'submit', class: 'icon send', 'aria-label': 'Send', disabled: true }, icon('send'));
  const grow = () => {
    input.style.height = 'auto';
    input.style.height = `${Math.min(input.scrollHeight, 160)}px`;
  };
  const changed = () => {
    button.disabled = input.value.trim() === '';
    grow();
    showOffers(offers, input, where().threadTs === undefined ? submit : undefined);
  };
  const submit = async () => {
    const text = input.value.trim();
    if (text === '') return;
    input.value = '';
    changed();
    input.focus();
    afterSend();
    await act('send', { text, ...where() });
  };
  input.addEventListener('input', changed);
  input.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      void submit();
    } else if (event.key === 'Escape') offers.hidden = true;
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void submit();
  });
  form.append(offers, h('div', { class: 'composer-box' }, input, button));
  return {
    rename(words) {
      input.placeholder = words;
      input.setAttribute('aria-label', words);
    },
  };
}

/** Suggestions within one click or Tab: the commands that a newcomer is most likely to need. */
function showOffers(offers, input, submit) {
  const typed = input.value;
  const { command } = store.app;
  const lines = suggestions.map((word) => `${command} ${word}`).filter((line) => line.startsWith(typed) && line !== typed);
  offers.hidden = submit === undefined || !typed.startsWith('/') || lines.length === 0;
  if (offers.hidden) return;
  offers.replaceChildren(
    h('p', { class: 'offers-title' }, `${store.app.name} commands`),
    ...lines.map((line) =>
      h(
        'button',
        {
          type: 'button',
          onclick: () => {
            input.value = line;
            void submit();
          },
        },
        line,
      ),
    ),
  );
}
