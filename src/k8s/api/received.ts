/**
 * An object of the Kubernetes API as it comes over the wire. The types are those of client-node; they are
 * used at compile time only.
 *
 * client-node's types describe what its generated classes return: required fields, `Date` for times, and
 * names that avoid JavaScript's keywords. JSON from a response or a watch differs in three ways:
 *
 * - Any field may be missing: Go leaves out empty values, older servers lack newer fields.
 * - Times are text, and null where Go has a zero time, such as `lastProbeTime` of a pod's condition.
 * - `_continue` is called `continue`.
 */
export type Received<T> = T extends Date
  ? string | null
  : T extends readonly (infer Item)[]
    ? readonly Received<Item>[]
    : T extends object
      ? string extends keyof T
        ? { readonly [Key in keyof T]: Received<T[Key]> }
        : { readonly [Name in keyof T as WireName<Name>]?: Received<T[Name]> }
      : T;

type WireName<Name> = Name extends `_${infer Keyword}` ? Keyword : Name;

declare const served: unique symbol;

/** The path of an object, or of a collection of objects, of type `T`. */
export type Path<T> = string & { readonly [served]?: T };
