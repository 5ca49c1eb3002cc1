const dateTime = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;
const uuid = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;

/**
 * The formats that the server checks of those that custom types use; it ignores formats that it does not
 * know.
 */
export function formatError(format: string, text: string): string | undefined {
  const fits =
    format === 'date-time'
      ? dateTime.test(text) && !Number.isNaN(Date.parse(text))
      : format === 'uuid'
        ? uuid.test(text)
        : true;
  return fits ? undefined : `must be of type ${format}`;
}
