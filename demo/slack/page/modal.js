// The visible view of a person's stack of modals.
import { act } from './act.js';
import { renderBlocks } from './blocks/blocks.js';
import { h, icon } from './dom.js';
import { createInput } from './blocks/inputs.js';
import { textOf } from './nodes.js';
import { store } from './store.js';

let shown;

/** Updates the dialog to the top of the stack; entered values stay if their input stays. */
export function showModals() {
  const view = store.modals.at(-1);
  if (view === undefined) {
    close();
    return;
  }
  if (shown?.view.id === view.id && shown.view.hash === view.hash) return;
  const typed = shown?.view.id === view.id ? shown.form.read() : {};
  const before = shown?.before ?? document.activeElement;
  shown?.dialog.remove();
  shown = { view, before, ...build(view) };
  shown.form.restore(typed);
  document.body.append(shown.dialog);
  shown.dialog.showModal();
}

function close() {
  if (!shown) return;
  const { dialog, before } = shown;
  shown = undefined;
  dialog.remove();
  if (before?.isConnected) before.focus();
}

const titleOf = (object, otherwise) => (object?.nodes ? textOf(object.nodes) : [otherwise]);

function build(view) {
  const form = createForm(view);
  const banner = h('p', { class: 'modal-trouble', role: 'alert', hidden: true });
  const submit = view.submit && h('button', { type: 'submit', class: 'button primary' }, h('span', { class: 'button-text' }, titleOf(view.submit, 'Submit')));
  const leave = () => act('close', { view: view.id });
  const dialog = h(
    'dialog',
    { class: 'dialog modal', 'aria-labelledby': 'modal-title' },
    h(
      'form',
      {
        novalidate: true,
        onsubmit: (event) => {
          event.preventDefault();
          void send(view, form, { banner, submit });
        },
      },
      h(
        'header',
        { class: 'modal-head' },
        h('h2', { id: 'modal-title' }, titleOf(view.title, '')),
        h('button', { type: 'button', class: 'icon', 'aria-label': 'Close', onclick: leave }, icon('close')),
      ),
      banner,
      h('div', { class: 'dialog-body' }, form.elements),
      h(
        'footer',
        { class: 'dialog-foot' },
        h('button', { type: 'button', class: 'button', onclick: leave }, titleOf(view.close, submit ? 'Cancel' : 'Close')),
        submit,
      ),
    ),
  );
  // Escape closes through the server, so that both sides have the same stack.
  dialog.addEventListener('cancel', (event) => {
    event.preventDefault();
    void leave();
  });
  return { dialog, form };
}

async function send(view, form, { banner, submit }) {
  if (submit.classList.contains('busy')) return;
  submit.classList.add('busy');
  banner.hidden = true;
  form.showErrors({});
  const { ok, result, error } = await act('submit', { view: view.id, values: form.read() });
  submit.classList.remove('busy');
  if (ok && result?.kind === 'errors') form.showErrors(result.errors);
  const sentence = ok ? (result?.kind === 'failed' ? result.sentence : undefined) : error;
  if (sentence === undefined) return;
  banner.textContent = sentence;
  banner.hidden = false;
}

/** All blocks of a view, and the values of its inputs by `block/action`. */
function createForm(view) {
  const fields = [];
  const host = {
    container: view.id,
    press: (block, element, option) =>
      act('press-view', { view: view.id, action: element.action_id, block: block.block_id, option, values: read() }),
  };
  const read = () => Object.fromEntries(fields.map(({ key, input }) => [key, input.read()]));
  const elements = view.blocks.map((block) => {
    if (block.type !== 'input') return renderBlocks([block], host)[0];
    const field = createField(block, view.id, host);
    if (field === undefined) return h('p', { class: 'muted' }, `(an input of type ${block.element.type})`);
    fields.push(field);
    return field.element;
  });
  return {
    elements,
    read,
    restore: (typed) => fields.forEach(({ key, input }) => key in typed && input.set(typed[key])),
    showErrors(errors) {
      fields.forEach((field) => field.showError(errors[field.blockId]));
      fields.find((field) => errors[field.blockId])?.input.control.focus();
    },
  };
}

function createField(block, view, host) {
  const label = block.label?.text ?? '';
  const input = createInput(block.element, label, view);
  if (input === undefined) return undefined;
  if (block.dispatch_action) dispatchOnEnter(block, input, host);
  const { id } = input.control;
  const error = h('p', { class: 'field-error', id: `${id}-error`, role: 'alert', hidden: true });
  const hint = block.hint && h('p', { class: 'field-hint', id: `${id}-hint` }, textOf(block.hint.nodes));
  const describedBy = [`${id}-error`, hint && `${id}-hint`].filter(Boolean).join(' ');
  input.control.setAttribute('aria-describedby', describedBy);
  if (!block.optional) input.control.setAttribute('aria-required', 'true');
  return {
    key: `${block.block_id}/${block.element.action_id}`,
    blockId: block.block_id,
    input,
    element: h(
      'div',
      { class: 'field-group' },
      h('label', { for: id }, textOf(block.label?.nodes), block.optional && h('span', { class: 'muted' }, ' (optional)')),
      input.element,
      hint,
      error,
    ),
    showError(sentence) {
      error.textContent = sentence ?? '';
      error.hidden = sentence === undefined;
      input.control.setAttribute('aria-invalid', String(sentence !== undefined));
    },
  };
}

/** An input that tells the app its value before the modal is submitted. */
function dispatchOnEnter(block, input, host) {
  input.control.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    void host.press(block, block.element, input.read());
  });
}
