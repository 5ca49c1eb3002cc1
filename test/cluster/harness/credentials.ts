import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * An administrator, a reader of nodes, and the control plane's own users; everything else has service
 * accounts.
 */
export const people = ['admin', 'reader', 'controller-manager', 'scheduler'] as const;
export type Person = (typeof people)[number];

/** An additional user of the API server, such as a kubelet. */
export interface Account {
  readonly name: string;
  readonly groups: readonly string[];
}

export interface Credentials {
  readonly tokens: Readonly<Record<Person, string>>;
  /** By the names of the additional accounts. */
  readonly accounts: ReadonlyMap<string, string>;
  readonly tokenFile: string;
  readonly signingKey: string;
  readonly verifyingKey: string;
  readonly auditPolicy: string;
}

/** One entry for each request at its start and at its end; the two have the same audit ID. */
const auditPolicy = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [{ level: 'Metadata' }],
};

export function makeCredentials(directory: string, further: readonly Account[] = []): Credentials {
  const secret = (): string => randomBytes(16).toString('hex');
  const tokens: Credentials['tokens'] = {
    admin: secret(),
    reader: secret(),
    'controller-manager': secret(),
    scheduler: secret(),
  };
  const accounts = new Map(further.map(({ name }) => [name, secret()]));
  const keys = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const write = (name: string, content: string): string => {
    const file = join(directory, name);
    writeFileSync(file, content, { mode: 0o600 });
    return file;
  };
  const lines = people.map((person) => {
    const group = person === 'reader' ? 'readers' : 'system:masters';
    return `${tokens[person]},${person},${person},${group}\n`;
  });
  for (const { name, groups } of further)
    lines.push(`${accounts.get(name) ?? ''},${name},${name},"${groups.join(',')}"\n`);
  return {
    tokens,
    accounts,
    tokenFile: write('tokens.csv', lines.join('')),
    signingKey: write('service-accounts.key', keys.privateKey),
    verifyingKey: write('service-accounts.pub', keys.publicKey),
    auditPolicy: write('audit-policy.json', JSON.stringify(auditPolicy)),
  };
}

export interface ServerAddress {
  readonly url: string;
  /** PEM. */
  readonly ca: string;
}

export function kubeconfigText({ url, ca }: ServerAddress, token: string): string {
  const authority = Buffer.from(ca).toString('base64');
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server: url, 'certificate-authority-data': authority } }],
    users: [{ name: 'test', user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    'current-context': 'test',
  });
}
