/**
 * Slack's limits. Lengths are UTF-16 code units, which is never less than what Slack counts. Source: the
 * Block Kit reference and Slack's schema validators.
 */
export const limits = {
  messageBlocks: 50,
  modalBlocks: 100,
  /**
   * chat.update refuses more than 4000 after its own normalisation of emoji and entities; the difference is a
   * margin.
   */
  messageText: 3000,
  /** Undocumented: `msg_blocks_too_long` occurred from about 13,000 characters of text in one message. */
  messageBlockText: 11_000,
  sectionText: 3000,
  fields: 10,
  fieldText: 2000,
  header: 150,
  contextElements: 10,
  actions: 25,
  actionId: 255,
  buttonText: 75,
  buttonValue: 2000,
  confirmTitle: 100,
  confirmText: 300,
  confirmButton: 30,
  /** 75 in the types and 150 in the reference: the smaller one is always accepted. */
  optionText: 75,
  optionValue: 75,
  options: 10,
  menuOptions: 100,
  tableRows: 100,
  /** Our own, so that one long name does not take the room of the others. */
  cell: 120,
  /** In all cells of a table together. */
  tableText: 10_000,
  modalTitle: 24,
  modalButton: 24,
  inputLabel: 2000,
  placeholder: 150,
  inputLength: 3000,
  privateMetadata: 3000,
} as const;

/** Our own limit for one outside value, so that a long name cannot displace the rest of a card. */
export const valueLength = 600;
