const dateTime = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;
const uuid = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;

/** Validates the formats that our custom types use; like the server, it ignores unknown formats. */
export function formatError(format: string, text: string): string | undefined {
  const fits =
    format === 'date-time'
      ? dateTime.test(text) && !Number.isNaN(Date.parse(text))
      : format === 'uuid'
        ? uuid.test(text)
        : true;
  return fits ? undefined : `must be of type ${format}`;
}
