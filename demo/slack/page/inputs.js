// Inputs of a modal: the element, and how to read its value.
import { h } from './dom.js';
import { fillSelect } from './elements.js';
import { textOf } from './nodes.js';
import { store } from './store.js';

let count = 0;

/** `{ element, control, read(), set(entry) }`; undefined for an element that is not an input. */
export function createInput(element, label) {
  count += 1;
  return makers[element.type]?.(element, { id: `input-${count}`, label });
}

const single = (control, element) => ({
  element: control,
  control,
  read: () => control.value || null,
  set: (entry) => void (control.value = entry ?? ''),
  type: element.type,
});

const attributes = (element, { id }) => ({
  id,
  class: 'field',
  placeholder: element.placeholder?.text,
  autofocus: element.focus_on_load,
});

const typed = (type) => (element, context) =>
  single(h('input', { type, ...attributes(element, context), value: element.initial_value ?? element.initial_date ?? element.initial_time ?? '' }), element);

const makers = {
  plain_text_input(element, context) {
    const limits = { maxlength: element.max_length, ...attributes(element, context) };
    const value = element.initial_value ?? '';
    return single(element.multiline ? h('textarea', { rows: 4, ...limits, value }) : h('input', { type: 'text', ...limits, value }), element);
  },
  email_text_input: typed('email'),
  url_text_input: typed('url'),
  number_input: typed('number'),
  datepicker: typed('date'),
  timepicker: typed('time'),

  static_select(element, context) {
    const select = h('select', { ...attributes(element, context), placeholder: undefined });
    fillSelect(select, element);
    return single(select, element);
  },

  users_select(element, context) {
    const people = [...store.users.values()].filter(({ isBot }) => !isBot);
    const select = h('select', { ...attributes(element, context), placeholder: undefined });
    select.append(h('option', { value: '' }, element.placeholder?.text ?? 'Choose a person'));
    select.append(...people.map(({ id, realName }) => h('option', { value: id }, realName)));
    select.value = element.initial_user ?? '';
    return single(select, element);
  },

  radio_buttons: (element, context) => choices(element, context, 'radio'),
  checkboxes: (element, context) => choices(element, context, 'checkbox'),
};

function choices(element, { id, label }, type) {
  const initial = new Set([element.initial_option, ...(element.initial_options ?? [])].map((option) => option?.value));
  const boxes = element.options.map((option) =>
    h('input', { type, name: id, value: option.value, checked: initial.has(option.value) }),
  );
  const group = h(
    'div',
    { class: 'choices', role: type === 'radio' ? 'radiogroup' : 'group', 'aria-label': label, id, tabindex: -1 },
    element.options.map((option, index) =>
      h(
        'label',
        {},
        boxes[index],
        h('span', {}, textOf(option.text.nodes), option.description && h('span', { class: 'muted small' }, textOf(option.description.nodes))),
      ),
    ),
  );
  const chosen = () => boxes.filter(({ checked }) => checked).map(({ value }) => value);
  return {
    element: group,
    control: group,
    read: () => (type === 'radio' ? (chosen()[0] ?? null) : chosen()),
    set: (entry) => boxes.forEach((box) => void (box.checked = [entry].flat().includes(box.value))),
    type: element.type,
  };
}
