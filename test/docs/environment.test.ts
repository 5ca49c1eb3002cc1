import { parseEnv } from 'node:util';
import { describe, expect, it } from 'vitest';
import { help as agentHelp } from '../../src/commands/agent.ts';
import { type Variable, variables } from '../../src/config/environment.ts';
import { loadConfig } from '../../src/config/load.ts';
import { found, pages, read } from './pages.ts';

const example = read('.env.example');
const all: readonly Variable[] = Object.values(variables);
const ofAgent = found(agentHelp, /^ {2}([A-Z][A-Z0-9_]+) /gm);
const known = new Set([
  ...all.flatMap(({ name, secret }) => (secret ? [name, `${name}_FILE`] : [name])),
  ...ofAgent,
  // Read by src/ops/http-proxy.ts.
  'HTTPS_PROXY',
  'NO_PROXY',
  // Read by Node itself.
  'NODE_EXTRA_CA_CERTS',
  // Read by the tests on a real cluster.
  'TUGBOOT_TEST_KUBECONFIG',
]);

/** As it would be with every variable that may be left out written down. */
const everything = example.replaceAll(/^#(?=[A-Z_]+=)/gm, '');

describe('.env.example', () => {
  it('sets no variable that the bot does not know, and shows every one that it knows', () => {
    const names = Object.keys(parseEnv(everything));
    expect(names.toSorted()).toEqual(all.map(({ name }) => name).toSorted());
  });

  it('asks for what is required and for nothing else', () => {
    const asked = Object.keys(parseEnv(example));
    expect(asked.toSorted()).toEqual(
      all.flatMap(({ name, required }) => (required ? [name] : [])).toSorted(),
    );
  });

  it('holds no secret', () => {
    const values = parseEnv(everything);
    expect(all.filter(({ name, secret, fallback }) => secret && values[name] !== (fallback ?? ''))).toEqual(
      [],
    );
  });

  it('is a configuration that loads, once it is filled in', () => {
    const env = {
      ...parseEnv(everything),
      SLACK_BOT_TOKEN: 'xoxb-1',
      SLACK_APP_TOKEN: 'xapp-1',
      SLACK_CHANNEL: 'C0123ABCD',
    };
    const config = loadConfig({ env, readFile: read });
    expect(config.healthPort).toBe(8081);
    expect(config.clusters[0].policy.pools.map(({ name }) => name)).toEqual(['nodes']);
  });
});

describe('variables that the documentation names', () => {
  it.each(pages)('exist: $path', ({ text }) => {
    // Words with an underscore in them; without one it could be any word in capitals.
    const named = found(text, /(?<![\w./-])([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(?![\w/])/g);
    expect(named.filter((name) => !known.has(name) && name !== 'NAME_FILE')).toEqual([]);
  });
});
