import type { IncomingMessage } from 'node:http';

/**
 * The reason to refuse a request to the page's server, or undefined. Another web page could otherwise press
 * buttons here, by a cross-origin form or by resolving its own name to loopback (DNS rebinding): the browser
 * then sends that name as Host.
 */
export function refusalOf(request: IncomingMessage): 'bad-host' | 'bad-origin' | 'bad-type' | undefined {
  const { host = '', origin } = request.headers;
  if (!/^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(host)) return 'bad-host';
  const site = request.headers['sec-fetch-site'];
  const fromElsewhere = site !== undefined && site !== 'same-origin' && site !== 'none';
  if (request.method !== 'POST') {
    return fromElsewhere && request.headers['sec-fetch-mode'] !== 'navigate' ? 'bad-origin' : undefined;
  }
  if (fromElsewhere || origin !== `http://${host}`) return 'bad-origin';
  return request.headers['content-type']?.startsWith('application/json') === true ? undefined : 'bad-type';
}

/** Nothing external, nothing inline, no framing, and no strings as markup (Trusted Types). */
export const pageHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};
