/** A shorter secret would match parts of ordinary words. */
const minLength = 4;

export interface SecretsHider {
  /** Returns the text without secrets. */
  (text: string): string;
  /** Adds secrets. None is ever removed: an earlier message may still be logged. */
  learn(secrets: readonly string[]): void;
}

/**
 * Removes secrets from text for people. It also matches their escaped form in JSON and their percent-encoded
 * form in URLs.
 */
export function secretsHider(secrets: readonly string[]): SecretsHider {
  let patterns: readonly string[] = [];
  const hide = (text: string): string =>
    patterns.reduce((safe, secret) => safe.replaceAll(secret, '[secret]'), text);
  const learn = (more: readonly string[]): void => {
    const forms = more.flatMap((secret) =>
      secret.length < minLength
        ? []
        : [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)],
    );
    // Longest first, so that a URL with a password is replaced as a whole.
    patterns = [...new Set([...patterns, ...forms])].toSorted((one, other) => other.length - one.length);
  };
  learn(secrets);
  return Object.assign(hide, { learn });
}
