// U+2800, the empty Braille pattern, is drawn like a space but is not classed as one.
// \p{Default_Ignorable_Code_Point} covers the other characters that are not drawn.
const invisible = /[\s\p{C}\p{Z}\p{M}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/**
 * Whether the text has no visible character, for example only a Hangul filler or a joiner. Such a text is no
 * reason and no name.
 */
export const isBlank = (text: string): boolean => text.replaceAll(invisible, '') === '';
