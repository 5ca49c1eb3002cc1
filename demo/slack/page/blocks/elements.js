// Interactive elements of a message, a modal or the Home tab.
import { confirmed } from '../dialogs.js';
import { h, icon } from '../dom.js';
import { markable } from './marks.js';
import { textOf } from '../nodes.js';

/** `host.press(block, element, option)` sends it; `host.container` is the message's ts or the view's id. */
export function renderElement(element, block, host) {
  return renderers[element.type]?.(element, block, host);
}

const plain = (object) => object?.text ?? '';
const named = (control, element, block, host) => markable(control, host.container, block.block_id ?? '', element.action_id ?? '');

async function press(element, block, host, option) {
  const meant = await confirmed(element.confirm);
  if (meant) await host.press(block, element, option);
  return meant;
}

const renderers = {
  button(element, block, host) {
    const button = h(
      'button',
      {
        type: 'button',
        class: `button ${element.style ?? ''}`,
        'aria-label': element.accessibility_label,
        onclick: () => press(element, block, host),
      },
      h('span', { class: 'button-text' }, textOf(element.text.nodes)),
    );
    return named(button, element, block, host);
  },

  overflow(element, block, host) {
    const menu = h('div', { class: 'menu', role: 'menu', hidden: true });
    const toggle = h(
      'button',
      { type: 'button', class: 'button more', 'aria-haspopup': 'menu', 'aria-expanded': 'false', 'aria-label': 'More actions', onclick: () => show(menu.hidden) },
      icon('more'),
    );
    const show = (open) => {
      menu.hidden = !open;
      toggle.setAttribute('aria-expanded', String(open));
      if (open) menu.firstElementChild?.focus();
    };
    menu.append(
      ...element.options.map((option) =>
        h(
          'button',
          {
            type: 'button',
            role: 'menuitem',
            onclick: () => {
              show(false);
              toggle.focus();
              void press(element, block, host, option.value);
            },
          },
          textOf(option.text.nodes),
        ),
      ),
    );
    menu.addEventListener('keydown', (event) => moveInMenu(event, menu, () => (show(false), toggle.focus())));
    const wrap = h('span', { class: 'menu-wrap' }, toggle, menu);
    wrap.addEventListener('focusout', (event) => wrap.contains(event.relatedTarget) || show(false));
    named(toggle, element, block, host);
    return wrap;
  },

  static_select(element, block, host) {
    const select = h('select', { class: 'select', 'aria-label': plain(element.placeholder) || 'Choose' });
    fillSelect(select, element);
    const initial = select.value;
    select.addEventListener('change', async () => {
      if (!(await press(element, block, host, select.value))) select.value = initial;
    });
    return named(select, element, block, host);
  },

  image: (element) => picture(element),
};

for (const type of ['datepicker', 'timepicker', 'checkboxes', 'radio_buttons', 'users_select']) {
  renderers[type] = (element) => h('span', { class: 'muted' }, plain(element.placeholder) || type.replaceAll('_', ' '));
}

function moveInMenu(event, menu, close) {
  const items = [...menu.children];
  const at = items.indexOf(document.activeElement);
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (event.key === 'Escape') {
    event.stopPropagation();
    close();
  } else if (step !== undefined) {
    event.preventDefault();
    items[(at + step + items.length) % items.length]?.focus();
  }
}

export function fillSelect(select, element) {
  const option = ({ text, value }) => h('option', { value }, plain(text));
  select.append(h('option', { value: '' }, plain(element.placeholder) || 'Choose an option'));
  select.append(...(element.options ?? []).map(option));
  for (const group of element.option_groups ?? []) {
    select.append(h('optgroup', { label: plain(group.label) }, group.options.map(option)));
  }
  select.value = element.initial_option?.value ?? '';
}

/** The page loads nothing from outside: an image is shown as its alternative text. */
export const picture = (element) =>
  h('span', { class: 'picture', role: 'img', 'aria-label': element.alt_text }, element.alt_text);
