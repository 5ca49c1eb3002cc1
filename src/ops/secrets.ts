/** Shorter ones would tear holes into ordinary words. */
const shortest = 4;

export interface SecretsHider {
  /** The text without them. */
  (text: string): string;
  /** Hides these too from now on. None is ever forgotten: what was said of it may still be on its way. */
  learn(secrets: readonly string[]): void;
}

/**
 * Takes secrets out of text that people will read. In a line of JSON a secret may stand escaped, and in an
 * address percent-encoded: those are the same secret.
 */
export function secretsHider(secrets: readonly string[]): SecretsHider {
  let wanted: readonly string[] = [];
  const hide = (text: string): string =>
    wanted.reduce((safe, secret) => safe.replaceAll(secret, '[secret]'), text);
  const learn = (more: readonly string[]): void => {
    const forms = more.flatMap((secret) =>
      secret.length < shortest
        ? []
        : [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)],
    );
    // The longest first: an address goes as a whole, not with a hole where its password was.
    wanted = [...new Set([...wanted, ...forms])].toSorted((one, other) => other.length - one.length);
  };
  learn(secrets);
  return Object.assign(hide, { learn });
}
