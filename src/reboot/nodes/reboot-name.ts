/** Bot and agent derive the same name, so that one search of the logs finds the lines of both. */

/**
 * The name of the Reboot that ends a boot. It is readable, unique per node UID and boot ID, and a valid
 * object name. `digest` is SHA-256, in lower-case hex.
 */
export function rebootName(
  node: { readonly name: string; readonly uid: string },
  bootId: string,
  digest: (text: string) => string,
): string {
  return `${node.name.slice(0, 200)}-${digest(`${node.uid}/${bootId}`).slice(0, 10)}`;
}
