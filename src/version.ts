/** Set by the bundler; sources that run unbundled have no version. */
declare const TUGBOOT_VERSION: string | undefined;

export const version: string = typeof TUGBOOT_VERSION === 'string' ? TUGBOOT_VERSION : '0.0.0-source';
