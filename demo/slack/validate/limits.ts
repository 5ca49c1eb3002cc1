/**
 * Slack's limits, in one place. Most are in the Block Kit reference. If sources disagree the smaller one is
 * used, since what passes here must pass there.
 */
export const limits = {
  blocks: { message: 50, modal: 100, home: 100 },
  text: 3000,
  id: 255,
  url: 3000,
  section: { text: 3000, fields: 10, field: 2000 },
  header: 150,
  context: 10,
  actions: 25,
  contextActions: 5,
  button: { text: 75, value: 2000, accessibilityLabel: 75 },
  overflow: 5,
  select: { options: 100, groups: 100, perGroup: 100 },
  // The option value is 75 in the types of the SDK and 150 in the reference of August 2026.
  option: { text: 75, value: 75, description: 75, groupLabel: 75 },
  choices: 10,
  confirm: { title: 100, text: 300, button: 30 },
  placeholder: 150,
  input: { label: 2000, hint: 2000, maxLength: 3000 },
  image: { url: 3000, alt: 2000, title: 2000 },
  modal: { title: 24, submit: 24, close: 24 },
  privateMetadata: 3000,
  viewBytes: 250_000,
  viewDepth: 3,
  table: { rows: 100, cells: 20, characters: 10_000 },
  dataTable: { rows: 201, cells: 20, characters: 20_000, pageSize: 100 },
  markdown: 12_000,
  container: { title: 150, children: 10 },
  card: { title: 150, subtitle: 150, body: 200, actions: 3 },
  carousel: 10,
  alert: 200,
  video: { title: 200, author: 50 },
  attachments: 100,
  // Undocumented; 16 kB is the figure that people report.
  metadataBytes: 16_000,
  // Undocumented too: posts with more text than this in their blocks have been refused with
  // msg_blocks_too_long.
  blockText: 13_000,
  messageText: { post: 40_000, update: 4000 },
} as const;
