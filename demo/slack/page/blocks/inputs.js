// Inputs of a modal: the element, and how to read its value.
import { act } from '../act.js';
import { h, icon } from '../dom.js';
import { fillSelect } from './elements.js';
import { textOf } from '../nodes.js';
import { store } from '../store.js';

let count = 0;

/**
 * `{ element, control, read(), set(entry) }`; undefined for an element that is not an input. `view` is the id
 * of the modal.
 */
export function createInput(element, label, view) {
  count += 1;
  return makers[element.type]?.(element, { id: `input-${count}`, label, view });
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

  // Shown in the zone of the person, and sent in seconds since the epoch.
  datetimepicker(element, context) {
    const control = h('input', { type: 'datetime-local', ...attributes(element, context) });
    const set = (entry) => void (control.value = entry ? localText(Number(entry)) : '');
    set(element.initial_date_time);
    return { element: control, control, read: () => (control.value ? String(new Date(control.value).getTime() / 1000) : null), set, type: element.type };
  },

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

  multi_external_select: (element, context) => searched(element, context),

  radio_buttons: (element, context) => choices(element, context, 'radio'),
  checkboxes: (element, context) => choices(element, context, 'checkbox'),
};

/** As `datetime-local` takes it. */
function localText(seconds) {
  const date = new Date(seconds * 1000);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

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

/** A menu whose options the app answers: a search field, its results, and what is chosen so far. */
function searched(element, { id, label, view }) {
  const chosen = new Map((element.initial_options ?? []).map((option) => [option.value, option.text.text]));
  const results = h('ul', { class: 'results', role: 'listbox', 'aria-label': `Results for ${label}`, 'aria-multiselectable': true, hidden: true });
  const chips = h('ul', { class: 'chosen', 'aria-label': `Chosen for ${label}` });
  const search = h('input', { type: 'search', id, class: 'field', placeholder: element.placeholder?.text, autocomplete: 'off' });
  let asked = 0;
  const showChosen = () =>
    chips.replaceChildren(
      ...[...chosen].map(([value, text]) =>
        h('li', {}, h('button', { type: 'button', class: 'chip-button', 'aria-label': `Leave ${text} out`, onclick: () => toggle(value, text) }, text, icon('close'))),
      ),
    );
  const toggle = (value, text) => {
    if (chosen.has(value)) chosen.delete(value);
    else if (chosen.size < (element.max_selected_items ?? Infinity)) chosen.set(value, text);
    for (const row of results.children) row.setAttribute('aria-selected', String(chosen.has(row.dataset.value)));
    showChosen();
  };
  const row = ({ text, value, description }) =>
    h(
      'li',
      { role: 'option', tabindex: 0, data: { value }, 'aria-selected': String(chosen.has(value)), onclick: () => toggle(value, text.text), onkeydown: (event) => event.key === 'Enter' && (event.preventDefault(), toggle(value, text.text)) },
      h('span', {}, text.text),
      description && h('span', { class: 'muted small' }, description.text),
    );
  const find = async () => {
    asked += 1;
    const mine = asked;
    const { ok, result } = await act('suggest', { view, action: element.action_id, value: search.value });
    // An answer to what was typed before.
    if (mine !== asked) return;
    const options = ok && result?.kind === 'options' ? result.options : [];
    results.replaceChildren(...(options.length > 0 ? options.map(row) : [h('li', { class: 'muted' }, 'No results')]));
    results.hidden = false;
  };
  search.addEventListener('focus', find);
  search.addEventListener('input', find);
  search.addEventListener('keydown', (event) => event.key === 'Enter' && event.preventDefault());
  const wrap = h('div', { class: 'searched' }, chips, search, results);
  wrap.addEventListener('focusout', (event) => wrap.contains(event.relatedTarget) || (results.hidden = true));
  showChosen();
  return {
    element: wrap,
    control: search,
    read: () => [...chosen.keys()],
    set: () => undefined,
    type: element.type,
  };
}
