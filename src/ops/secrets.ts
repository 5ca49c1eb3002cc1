/** Shorter ones would tear holes into ordinary words. */
const shortest = 4;

/**
 * Takes secrets out of text that people will read. In a line of JSON a secret may stand escaped, and in an address percent-encoded: those are
 * the same secret.
 */
export function secretsHider(secrets: readonly string[]): (text: string) => string {
  const forms = secrets.flatMap((secret) =>
    secret.length < shortest ? [] : [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)],
  );
  // The longest first: an address goes as a whole, not with a hole where its password was.
  const wanted = [...new Set(forms)].toSorted((one, other) => other.length - one.length);
  return (text) => wanted.reduce((safe, secret) => safe.replaceAll(secret, '[secret]'), text);
}
