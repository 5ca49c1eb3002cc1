import { isObject } from '../json.ts';
import {
  anyShape,
  both,
  byType,
  flag,
  integer,
  list,
  may,
  need,
  object,
  oneOf,
  problem,
  string,
  type Check,
  type Fields,
} from './checks.ts';
import { button, elements, image, only } from './elements.ts';
import { limits } from './limits.ts';
import { richText } from './rich-text.ts';
import { anyText, blockId, mrkdwnText, plainText, url } from './text-objects.ts';

const block = (type: string, fields: Fields): Check =>
  object({ type: need(oneOf(type)), block_id: blockId, ...fields });

const accessory = only(
  'button',
  'checkboxes',
  'datepicker',
  'timepicker',
  'image',
  'overflow',
  'radio_buttons',
  'static_select',
  'multi_static_select',
  'external_select',
  'multi_external_select',
  'users_select',
  'multi_users_select',
  'conversations_select',
  'channels_select',
);

const inActions: Readonly<Record<string, Check>> = {
  ...accessory,
  datetimepicker: elements.datetimepicker,
};

const inputs = only(
  'plain_text_input',
  'email_text_input',
  'url_text_input',
  'number_input',
  'checkboxes',
  'radio_buttons',
  'datepicker',
  'timepicker',
  'datetimepicker',
  'static_select',
  'multi_static_select',
  'external_select',
  'multi_external_select',
  'users_select',
  'multi_users_select',
  'conversations_select',
  'channels_select',
);

const { image: _noImage, ...actionable } = inActions;

const place = (table: Readonly<Record<string, Check>>): Check => anyShape(byType(() => table));

const textOrFields: Check = (value, pointer) =>
  isObject(value) && value['text'] === undefined && value['fields'] === undefined
    ? [problem(`${pointer}/type`, 'missing_field', 'must define either `text` or `fields`')]
    : [];

const cell = byType(() => ({
  raw_text: object({ type: need(oneOf('raw_text')), text: need(string({ min: 1 })) }),
  raw_number: object({
    type: need(oneOf('raw_number')),
    value: need(integer(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)),
    text: need(string({ min: 1 })),
  }),
  rich_text: richText,
}));

const rows = (size: { readonly rows: number; readonly cells: number }): Check =>
  list(list(cell, { min: 1, max: size.cells }), { min: 1, max: size.rows });

const column = object({ align: may(oneOf('left', 'center', 'right')), is_wrapped: may(flag) });

const card = block('card', {
  hero_image: may(image),
  icon: may(image),
  title: may(mrkdwnText(limits.card.title)),
  subtitle: may(mrkdwnText(limits.card.subtitle)),
  body: may(mrkdwnText(limits.card.body)),
  actions: may(list(button, { min: 1, max: limits.card.actions })),
});

const taskCard = block('task_card', {
  task_id: need(string({ min: 1, max: limits.id })),
  title: need(string({ min: 1, max: limits.text })),
  status: may(oneOf('pending', 'in_progress', 'complete', 'error')),
  details: may(richText),
  output: may(richText),
  sources: may(
    list(object({ type: need(oneOf('url')), url: need(url()), text: need(string({ min: 1 })) }), { max: 10 }),
  ),
});

const inContainer = [
  'actions',
  'context',
  'divider',
  'file',
  'header',
  'image',
  'input',
  'rich_text',
  'section',
  'table',
  'video',
];

export const blockTypes: Readonly<Record<string, Check>> = {
  section: both(
    block('section', {
      text: may(anyText(limits.section.text)),
      fields: may(list(anyText(limits.section.field), { min: 1, max: limits.section.fields })),
      accessory: may(place(accessory)),
      expand: may(flag),
    }),
    textOrFields,
  ),
  header: block('header', { text: need(plainText(limits.header)) }),
  divider: block('divider', {}),
  context: block('context', {
    elements: need(
      list(place({ image, plain_text: anyText(limits.text), mrkdwn: anyText(limits.text) }), {
        min: 1,
        max: limits.context,
      }),
    ),
  }),
  actions: block('actions', { elements: need(list(place(actionable), { min: 1, max: limits.actions })) }),
  context_actions: block('context_actions', {
    elements: need(
      list(place(only('feedback_buttons', 'icon_button')), { min: 1, max: limits.contextActions }),
    ),
  }),
  image: both(
    block('image', {
      alt_text: need(string({ min: 1, max: limits.image.alt })),
      title: may(plainText(limits.image.title)),
      image_url: may(url(limits.image.url)),
      slack_file: may(object({ id: may(string()), url: may(string()) })),
    }),
    (value, pointer) =>
      isObject(value) && value['image_url'] === undefined && value['slack_file'] === undefined
        ? [problem(pointer, 'missing_field', 'missing required field: image_url')]
        : [],
  ),
  input: block('input', {
    label: need(plainText(limits.input.label)),
    element: need(place(inputs)),
    hint: may(plainText(limits.input.hint)),
    optional: may(flag),
    dispatch_action: may(flag),
  }),
  rich_text: richText,
  table: block('table', {
    rows: need(rows(limits.table)),
    column_settings: may(list(column, { max: limits.table.cells })),
  }),
  data_table: block('data_table', {
    rows: need(rows(limits.dataTable)),
    caption: need(string({ min: 1, max: limits.text })),
    page_size: may(integer(1, limits.dataTable.pageSize)),
    row_header_column_index: may(integer(0, limits.dataTable.cells - 1)),
  }),
  markdown: block('markdown', { text: need(string({ min: 1, max: limits.markdown })) }),
  file: block('file', {
    source: need(oneOf('remote')),
    external_id: need(string({ min: 1, max: limits.id })),
  }),
  alert: block('alert', {
    text: need(anyText(limits.alert)),
    level: may(oneOf('default', 'info', 'warning', 'error', 'success')),
  }),
  card,
  carousel: block('carousel', { elements: need(list(card, { min: 1, max: limits.carousel })) }),
  container: block('container', {
    title: may(plainText(limits.container.title)),
    rich_text_title: may(richText),
    subtitle: may(anyText(limits.container.title)),
    icon: may(image),
    child_blocks: need(
      list(
        byType(() => Object.fromEntries(inContainer.flatMap((type) => pick(type)))),
        { min: 1, max: limits.container.children },
      ),
    ),
    width: may(oneOf('narrow', 'standard', 'wide', 'full')),
    is_collapsible: may(flag),
    default_collapsed: may(flag),
    has_header_divider: may(flag),
  }),
  task_card: taskCard,
  plan: block('plan', {
    title: need(string({ min: 1, max: limits.text })),
    tasks: may(list(taskCard, { max: limits.blocks.message })),
  }),
  video: block('video', {
    title: need(plainText(limits.video.title)),
    alt_text: need(string({ min: 1, max: limits.image.alt })),
    video_url: need(url()),
    thumbnail_url: need(url()),
    title_url: may(url()),
    description: may(plainText(limits.text)),
    author_name: may(string({ max: limits.video.author })),
    provider_name: may(string()),
    provider_icon_url: may(url()),
  }),
};

function pick(type: string): readonly (readonly [string, Check])[] {
  const check = blockTypes[type];
  return check === undefined ? [] : [[type, check]];
}
