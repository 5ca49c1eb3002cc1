// Native dialogs of the browser, which trap the focus and close with Escape.
import { h } from './dom.js';
import { textOf } from './nodes.js';

const words = (object, otherwise) => (object?.nodes ? textOf(object.nodes) : [otherwise]);

/**
 * The first click of a double click closes the dialog; the second must not reach the element beneath it. Lasts
 * until the mouse begins another click, however slow the second one is.
 */
function shieldFromDoubleClick() {
  const swallow = (event) => {
    if (event.detail < 2) return;
    event.preventDefault();
    event.stopPropagation();
  };
  const end = (event) => {
    if (event.detail > 1) return;
    document.removeEventListener('click', swallow, { capture: true });
    document.removeEventListener('mousedown', end, { capture: true });
  };
  document.addEventListener('click', swallow, { capture: true });
  document.addEventListener('mousedown', end, { capture: true });
}

/** Shows why an action was not executed. */
export function told(sentence) {
  const before = document.activeElement;
  const dialog = h(
    'dialog',
    { class: 'dialog confirm', role: 'alertdialog', 'aria-labelledby': 'told' },
    h('div', { class: 'dialog-body', id: 'told' }, sentence),
    h('div', { class: 'dialog-foot' }, h('button', { type: 'button', class: 'button primary', onclick: () => dialog.close() }, 'Close')),
  );
  dialog.addEventListener('close', () => {
    dialog.remove();
    before?.focus?.();
  });
  document.body.append(dialog);
  dialog.showModal();
}

/** Shows a confirmation dialog; resolves with the choice. */
export function confirmed(confirm) {
  if (!confirm) return Promise.resolve(true);
  return new Promise((resolve) => {
    const before = document.activeElement;
    const dialog = h(
      'dialog',
      { class: 'dialog confirm', 'aria-labelledby': 'confirm-title' },
      h('h2', { id: 'confirm-title' }, words(confirm.title, 'Are you sure?')),
      h('div', { class: 'dialog-body' }, words(confirm.text, '')),
      h(
        'div',
        { class: 'dialog-foot' },
        h('button', { type: 'button', class: 'button', onclick: () => dialog.close('no') }, words(confirm.deny, 'Cancel')),
        h(
          'button',
          { type: 'button', class: `button ${confirm.style === 'danger' ? 'danger filled' : 'primary'}`, onclick: () => dialog.close('yes') },
          words(confirm.confirm, 'Yes'),
        ),
      ),
    );
    dialog.addEventListener('close', () => {
      dialog.remove();
      before?.focus?.();
      shieldFromDoubleClick();
      resolve(dialog.returnValue === 'yes');
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
