/** Access to an HTTP service outside of the cluster: the same settings wherever one is configured. */
import { z } from 'zod';
import type { HttpAccess, WebhookGate } from '../reboot/policy/pool-gates.ts';

const httpUrl = z
  .string({ error: 'An address, such as https://prometheus.monitoring:9090.' })
  .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), {
    error: 'An address that begins with https:// or http://.',
  })
  .refine((text) => !URL.canParse(text) || new URL(text).password === '', {
    error: 'No password in an address: name a file with `basic:`.',
  });

const file = (what: string) =>
  z
    .string({ error: 'A path, such as /etc/tugboot-secrets/token.' })
    .regex(/^\//, { error: 'A path that begins with /.' })
    .describe(what);

export const accessSettings = {
  url: httpUrl.describe('Address.'),
  headers: z
    .record(z.string().regex(/^[A-Za-z0-9-]+$/), z.string({ error: 'Text.' }), {
      error: 'Headers are written as `Name: value`.',
    })
    .default({})
    .describe('Further headers, such as X-Scope-OrgID. No secrets: they stand in the configuration.'),
  caFile: file('Certificate authority of the server.').optional(),
  bearerTokenFile: file('File with a bearer token.').optional(),
  basic: z
    .strictObject(
      {
        username: z.string({ error: 'A name.' }).describe('User name.'),
        passwordFile: file('File with the password.'),
      },
      { error: 'Written as `username:` and `passwordFile:`.' },
    )
    .optional()
    .describe('Basic authentication.'),
};

export const webhookSettings = {
  ...accessSettings,
  secretFile: file('File with the secret that signs the request (X-Tugboot-Signature).').optional(),
};

type AccessFile = z.infer<z.ZodObject<typeof accessSettings>>;
type WebhookFile = z.infer<z.ZodObject<typeof webhookSettings>>;

export const accessOf = ({ url, headers, caFile, bearerTokenFile, basic }: AccessFile): HttpAccess => ({
  url,
  headers,
  ...(caFile === undefined ? {} : { caFile }),
  ...(bearerTokenFile === undefined
    ? basic === undefined
      ? {}
      : { auth: { kind: 'basic', ...basic } }
    : { auth: { kind: 'bearer', tokenFile: bearerTokenFile } }),
});

export const webhookOf = (webhook: WebhookFile): Pick<WebhookGate, 'access' | 'secretFile'> => ({
  access: accessOf(webhook),
  ...(webhook.secretFile === undefined ? {} : { secretFile: webhook.secretFile }),
});
