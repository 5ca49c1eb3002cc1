import { readFileSync } from 'node:fs';
import { jsonSchema } from '../../src/config/schema/schema.ts';

export const chartSchemaPath = 'charts/tugboot/values.schema.json';

const file = new URL(`../../${chartSchemaPath}`, import.meta.url);

/**
 * The schema of the chart's values with that of the configuration embedded, so that helm refuses an unknown
 * setting before it installs anything. All other parts of the file are written by hand and kept.
 */
export function chartSchema(): string {
  const values = JSON.parse(readFileSync(file, 'utf8')) as { readonly properties: object };
  const made = jsonSchema('#/properties/config') as Record<string, unknown>;
  const { $schema: _dialect, title: _title, ...config } = made;
  const description = 'tugboot.yaml. Made from src/config/schema/schema.ts by npm run generate.';
  const properties = { ...values.properties, config: { description, ...config } };
  return `${JSON.stringify({ ...values, properties }, undefined, 2)}\n`;
}
