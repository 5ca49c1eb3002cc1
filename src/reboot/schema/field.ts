/**
 * Fields of the stored record. A declaration with these makes the type, the reader, the schema of the custom
 * resource definition, the reference page and the arbitrary of the property tests. The API server checks the
 * bounds. Reading does not: a record that another version of the definition let through stays readable.
 */
import { z } from 'zod';

type ReadonlyDeep<T> = T extends readonly (infer Item)[]
  ? readonly ReadonlyDeep<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: ReadonlyDeep<T[Key]> }
    : T;

/** The type of what a declaration stores. */
export type Stored<Schema extends z.ZodType> = ReadonlyDeep<z.infer<Schema>>;

/** The longest text that the schema allows by default. */
const longest = 4096;

export const text = (description: string, maxLength = longest) => z.string().meta({ description, maxLength });

/** Names of the cluster, such as `namespace/name`. */
export const name = (description: string) => text(description, 512);

/** RFC 3339, as Kubernetes and Tugboot write it. */
export const timestamp = z
  .string()
  .max(40)
  .refine((value) => !Number.isNaN(Date.parse(value)), 'is no time');

export const time = (description: string) =>
  timestamp.meta({ description, format: 'date-time', maxLength: 40 });

export const count = (description: string) => z.int().min(0).meta({ description });
export const millis = (description: string) => z.number().min(0).meta({ description });
export const flag = (description: string) => z.boolean().meta({ description });

export const choice = <const Values extends readonly [string, ...string[]]>(
  values: Values,
  description: string,
) => z.enum(values).meta({ description });

/** A choice that may grow: values that only a later version knows are read and kept. */
export const openChoice = <const Value extends string>(values: readonly Value[], description: string) =>
  z
    .string()
    .transform((value) => value as Value)
    .meta({ description, enum: [...values] });

export const list = <Item extends z.ZodType>(item: Item, description: string, maxItems = 1000) =>
  z.array(item).meta({ description, maxItems });

/** Names of the cluster, as a list. */
export const names = (description: string, maxItems = 1000) =>
  z.array(z.string().meta({ maxLength: 512 })).meta({ description, maxItems });

export const phrases = (description: string, maxItems = 1000) =>
  z.array(z.string().meta({ maxLength: longest })).meta({ description, maxItems });
