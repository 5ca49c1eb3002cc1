// The state of pressed buttons: waiting for the app, or with a warning after its failure.

const marks = new Map();
const keyOf = ({ container, blockId, actionId }) => `${container} ${blockId} ${actionId}`;

export const failedSentence = 'Tugboot did not answer in time. Look at the card before you try again.';

export function rememberMark(mark) {
  if (mark.state === 'idle') marks.delete(keyOf(mark));
  else marks.set(keyOf(mark), mark.state);
  for (const element of document.querySelectorAll('[data-action]')) {
    const { container, block, action } = element.dataset;
    if (keyOf({ container, blockId: block, actionId: action }) === keyOf(mark)) paint(element, mark.state);
  }
}

/** Registers an element for its mark, and shows the current one. */
export function markable(element, container, block, action) {
  Object.assign(element.dataset, { container, block, action });
  paint(element, marks.get(keyOf({ container, blockId: block, actionId: action })) ?? 'idle');
  return element;
}

function paint(element, state) {
  element.classList.toggle('busy', state === 'busy');
  element.classList.toggle('failed', state === 'failed');
  if (state === 'busy') element.setAttribute('aria-busy', 'true');
  else element.removeAttribute('aria-busy');
  if (state === 'failed') element.title = failedSentence;
  else element.removeAttribute('title');
}
