/** Bytes. People's calendars have some kilobytes; the holidays of all countries together are below this. */
export const largest = 1024 * 1024;

/** Enough to know that nothing has changed since the last time. */
export type Mark = Readonly<Record<string, string>>;

/** What came of reading a calendar. */
export type Read =
  | { readonly kind: 'same' }
  | { readonly kind: 'text'; readonly text: string; readonly mark: Mark }
  /** In words, without address or content. */
  | { readonly kind: 'problem'; readonly problem: string };
