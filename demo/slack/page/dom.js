// Builds elements. Strings are only ever set as text, never parsed as markup.

const svgSpace = 'http://www.w3.org/2000/svg';

/**
 * `h('button', { class: 'x', onclick }, 'Approve')`: attributes by name, listeners by `on…`, children in
 * order.
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) set(element, name, value);
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

function set(element, name, value) {
  if (value === undefined || value === null || value === false) return;
  if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
  else if (name === 'data') Object.assign(element.dataset, value);
  else if (name === 'value') element.value = value;
  else element.setAttribute(name, value === true ? '' : String(value));
}

export const byId = (id) => document.getElementById(id);

/** Line icons on a 24-unit grid. */
const paths = {
  close: ['M6 6l12 12M18 6L6 18'],
  hash: ['M9 4L7 20M17 4l-2 16M4 9h16M4 15h16'],
  send: ['M4 12l16-8-5 16-3.5-6.5z'],
  eye: ['M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12z', 'M12 9.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z'],
  reply: ['M20 11.5a7.5 7.5 0 0 1-11 6.6L4 20l1.7-4.3A7.5 7.5 0 1 1 20 11.5z'],
  more: ['M6 12h.01M12 12h.01M18 12h.01'],
  warn: ['M12 4l9 16H3z', 'M12 10v4M12 17h.01'],
  chevron: ['M9 6l6 6-6 6'],
  home: ['M4 11l8-7 8 7v8a1 1 0 0 1-1 1h-4v-6H9v6H5a1 1 0 0 1-1-1z'],
  power: ['M12 3v9', 'M6.5 7a8 8 0 1 0 11 0'],
  tug: ['M3 14.5h18l-2.4 4.6a1.5 1.5 0 0 1-1.3.9H6.7a1.5 1.5 0 0 1-1.3-.9z', 'M6.8 14.5V10h6.7l2.3 4.5', 'M9.4 10V5.2h3V10'],
};

export function icon(name, className = '') {
  const svg = document.createElementNS(svgSpace, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('class', `icon-line ${className}`);
  for (const d of paths[name] ?? []) {
    const path = document.createElementNS(svgSpace, 'path');
    path.setAttribute('d', d);
    svg.append(path);
  }
  return svg;
}

/** Places keyed children with as few moves as possible, so that focus and animations survive. */
export function reconcile(parent, children) {
  const wanted = new Set(children);
  for (const child of Array.from(parent.children)) if (!wanted.has(child)) child.remove();
  children.forEach((child, index) => {
    if (parent.children[index] !== child) parent.insertBefore(child, parent.children[index] ?? null);
  });
}

const still = matchMedia('(prefers-reduced-motion: reduce)');

/** Plays once, unless the person prefers reduced motion. */
export function animate(element, frames, options) {
  if (still.matches) return undefined;
  return element.animate(frames, options);
}
