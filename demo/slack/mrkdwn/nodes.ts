/** Text as a tree from which the page builds elements. No node ever holds markup. */
export type TextNode =
  | { readonly t: 'text'; readonly text: string }
  | { readonly t: 'break' }
  | { readonly t: 'bold' | 'italic' | 'strike' | 'quote'; readonly kids: readonly TextNode[] }
  | { readonly t: 'code' | 'pre'; readonly text: string }
  | { readonly t: 'link'; readonly url: string; readonly kids: readonly TextNode[] }
  | { readonly t: 'user' | 'channel' | 'group'; readonly id: string; readonly label: string }
  | { readonly t: 'broadcast'; readonly range: string }
  | DateNode
  | { readonly t: 'emoji'; readonly name: string; readonly char: string }
  | { readonly t: 'heading'; readonly level: number; readonly kids: readonly TextNode[] }
  | { readonly t: 'list'; readonly ordered: boolean; readonly items: readonly (readonly TextNode[])[] };

/** The page formats it in the reader's time zone. */
export interface DateNode {
  readonly t: 'date';
  readonly unix: number;
  readonly format: string;
  readonly fallback: string;
  readonly url?: string;
}

/** The links that a browser may follow. All others (`javascript:`, `data:`, `slack:`) stay text. */
export const isSafeUrl = (url: string): boolean => /^https?:\/\/[^\s]+$/i.test(url);
