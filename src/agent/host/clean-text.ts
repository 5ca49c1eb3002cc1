/**
 * Unsafe to display: control characters, and format characters that reorder or hide text (Unicode categories
 * Cc, Cf, Zl, Zp).
 */
const unwanted = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Printable text on one line, at most `limit` UTF-16 code units, with no surrogate pair split. */
export function cleanText(text: string, limit: number): string {
  const printable = text.toWellFormed().replace(/\s+/g, ' ').replace(unwanted, '').trim();
  if (printable.length <= limit) return printable;
  const cut = printable.slice(0, limit);
  // The slice may end between the two halves of a surrogate pair.
  return cut.isWellFormed() ? cut : cut.slice(0, -1);
}
