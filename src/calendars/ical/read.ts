/** Bytes. Personal calendars have some kilobytes; the holidays of all countries together are below this. */
export const largest = 1024 * 1024;

/** Validators of the last copy (ETag, modification time and the like), to detect that nothing changed. */
export type Validators = Readonly<Record<string, string>>;

/** Result of reading a calendar. */
export type Read =
  | { readonly kind: 'same' }
  | { readonly kind: 'text'; readonly text: string; readonly validators: Validators }
  /** For people, without URL or content. */
  | { readonly kind: 'problem'; readonly problem: string };
