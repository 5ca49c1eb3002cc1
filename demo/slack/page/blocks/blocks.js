// Renders Block Kit, as far as apps of this kind use it. An unknown block is shown as such instead of
// omitted.
import { h, icon } from '../dom.js';
import { picture, renderElement } from './elements.js';
import { textOf } from '../nodes.js';

export const renderBlocks = (blocks, host) => blocks.map((block) => renderBlock(block, host));

function renderBlock(block, host) {
  const render = renderers[block.type];
  if (!render) return h('p', { class: 'muted' }, `(a block of type ${block.type})`);
  return render(block, host);
}

const text = (object, tag = 'div', attributes = {}) => h(tag, attributes, textOf(object.nodes));

const renderers = {
  header: (block) => text(block.text, 'p', { class: 'b-header', role: 'heading', 'aria-level': 3 }),
  divider: () => h('hr', { class: 'b-divider' }),

  section: (block, host) =>
    h(
      'div',
      { class: 'b-section' },
      h(
        'div',
        { class: 'b-section-main' },
        block.text && text(block.text),
        block.fields && h('div', { class: 'b-fields' }, block.fields.map((field) => text(field))),
      ),
      block.accessory && h('div', { class: 'b-accessory' }, renderElement(block.accessory, block, host)),
    ),

  context: (block) =>
    h(
      'div',
      { class: 'b-context' },
      block.elements.map((element) => (element.type === 'image' ? picture(element) : text(element, 'span'))),
    ),

  actions: (block, host) =>
    h('div', { class: 'b-actions' }, block.elements.map((element) => renderElement(element, block, host))),

  rich_text: (block) => h('div', { class: 'b-text' }, textOf(block.nodes)),
  markdown: (block) => h('div', { class: 'b-text' }, textOf(block.nodes)),

  image: (block) =>
    h('figure', { class: 'b-image' }, picture(block), block.title && h('figcaption', {}, textOf(block.title.nodes))),

  table: (block) => table(block.rows, block.column_settings ?? []),
  data_table: (block) => h('figure', { class: 'b-image' }, table(block.rows, []), h('figcaption', {}, block.caption)),

  alert: (block) => h('div', { class: `b-alert ${block.level ?? 'default'}`, role: 'note' }, icon('warn'), text(block.text)),

  container: (block, host) => {
    const title = block.title ? textOf(block.title.nodes) : textOf(block.rich_text_title?.nodes);
    const children = renderBlocks(block.child_blocks, host);
    if (!block.is_collapsible) return h('div', { class: 'b-container' }, h('strong', {}, title), children);
    return h('details', { class: 'b-container', open: !block.default_collapsed }, h('summary', {}, title), children);
  },
};

function table(rows, columns) {
  const [head = [], ...body] = rows;
  const cell = (tag) => (content, index) =>
    h(tag, { class: `align-${columns[index]?.align ?? 'left'}`, scope: tag === 'th' ? 'col' : undefined }, cellText(content));
  return h(
    'div',
    { class: 'b-table', tabindex: 0, role: 'region', 'aria-label': 'Table' },
    h(
      'table',
      {},
      h('thead', {}, h('tr', {}, head.map(cell('th')))),
      h('tbody', {}, body.map((row) => h('tr', {}, row.map(cell('td'))))),
    ),
  );
}

const cellText = (content) => (content.type === 'rich_text' ? textOf(content.nodes) : content.text);
