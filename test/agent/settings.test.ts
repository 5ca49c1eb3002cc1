import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { help } from '../../src/commands/agent.ts';
import type { Environment } from '../../src/agent/orders/method-setting.ts';
import { readSettings, type AgentSettings } from '../../src/agent/settings.ts';

const inPod = { NODE_NAME: 'n1', KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '443' };

function settings(env: Environment): AgentSettings {
  const result = readSettings(env);
  if (!result.ok) throw new Error(result.problems.join('\n'));
  return result.settings;
}

function problems(env: Environment): readonly string[] {
  const result = readSettings(env);
  return result.ok ? [] : result.problems;
}

describe('the environment of the agent', () => {
  it('needs nothing but the node’s name in a pod', () => {
    expect(settings(inPod)).toEqual({
      node: 'n1',
      api: {
        base: new URL('https://10.96.0.1:443'),
        tokenFile: '/var/run/secrets/kubernetes.io/serviceaccount/token',
        caFile: '/var/run/secrets/kubernetes.io/serviceaccount/ca.crt',
      },
      paths: {
        root: '/host',
        sentinel: 'run/reboot-required',
        bootIdFile: '/proc/sys/kernel/random/boot_id',
        kernelReleaseFile: '/proc/sys/kernel/osrelease',
        statFile: '/proc/stat',
        proc: '/proc',
      },
      restat: 60_000,
      method: { kind: 'signal', signal: 39 },
      commands: [],
      commandsInHost: false,
      logLevel: 'info',
    });
  });

  it('understands IPv6 clusters', () => {
    expect(settings({ ...inPod, KUBERNETES_SERVICE_HOST: 'fd00::1' }).api.base.href).toBe(
      'https://[fd00::1]/',
    );
  });

  it('may name another API server', () => {
    const env = {
      NODE_NAME: 'n1',
      TUGBOOT_API_URL: 'https://api.example:6443',
      TUGBOOT_API_TOKEN_FILE: '/t',
      TUGBOOT_API_CA_FILE: '/c',
    };
    expect(settings(env).api).toEqual({
      base: new URL('https://api.example:6443'),
      tokenFile: '/t',
      caFile: '/c',
    });
  });

  it.each(['127.0.0.1:8001', 'localhost:8001', '[::1]:8001'])(
    'allows plain http to %s, which is loopback',
    (host) => {
      expect(settings({ NODE_NAME: 'n1', TUGBOOT_API_URL: `http://${host}` }).api.base.protocol).toBe(
        'http:',
      );
    },
  );

  it.each([
    ['/var/run/reboot-required', 'run/reboot-required'],
    ['var/run/reboot-required', 'run/reboot-required'],
    ['/run//reboot-needed', 'run/reboot-needed'],
  ])('takes the sentinel %s for %s below the host’s root', (given, path) => {
    expect(settings({ ...inPod, TUGBOOT_SENTINEL: given }).paths.sentinel).toBe(path);
  });

  it.each([
    [{ TUGBOOT_REBOOT_SIGNAL: 'SIGRTMIN+5' }, { kind: 'signal', signal: 39 }],
    [
      { TUGBOOT_REBOOT_METHOD: 'command', TUGBOOT_REBOOT_COMMAND: '/bin/reboot' },
      { kind: 'command', command: ['/bin/reboot'], inHost: false },
    ],
    [
      {
        TUGBOOT_REBOOT_METHOD: 'command',
        TUGBOOT_REBOOT_COMMAND: '["systemctl", "reboot"]',
        TUGBOOT_REBOOT_IN_HOST: 'true',
      },
      { kind: 'command', command: ['systemctl', 'reboot'], inHost: true },
    ],
  ])('knows the reboot method of %j', (env, method) => {
    expect(settings({ ...inPod, ...env }).method).toEqual(method);
  });

  it('has every problem told at once, each with its variable', () => {
    const env = {
      NODE_NAME: 'Not A Node',
      TUGBOOT_API_URL: 'http://api.example',
      TUGBOOT_SENTINEL: '../etc/shadow',
      TUGBOOT_RESTAT_SECONDS: 'often',
      TUGBOOT_REBOOT_METHOD: 'magic',
      LOG_LEVEL: 'loud',
    };
    expect(problems(env).map((line) => line.split(':')[0])).toEqual([
      'NODE_NAME',
      'TUGBOOT_API_URL',
      'TUGBOOT_REBOOT_METHOD',
      'TUGBOOT_SENTINEL',
      'TUGBOOT_RESTAT_SECONDS',
      'LOG_LEVEL',
    ]);
  });

  it.each([
    [{}, 'NODE_NAME: is missing'],
    [{ NODE_NAME: 'n1' }, 'TUGBOOT_API_URL: is missing'],
    [{ ...inPod, TUGBOOT_API_URL: 'nonsense' }, 'TUGBOOT_API_URL: is no address'],
    [{ ...inPod, TUGBOOT_REBOOT_SIGNAL: '65' }, 'TUGBOOT_REBOOT_SIGNAL: "65" is no signal'],
    [{ ...inPod, TUGBOOT_REBOOT_METHOD: 'command' }, 'TUGBOOT_REBOOT_COMMAND: is missing'],
    [
      { ...inPod, TUGBOOT_REBOOT_METHOD: 'command', TUGBOOT_REBOOT_COMMAND: '[1]' },
      'TUGBOOT_REBOOT_COMMAND: is no JSON list',
    ],
    [
      { ...inPod, TUGBOOT_REBOOT_METHOD: 'command', TUGBOOT_REBOOT_COMMAND: '[' },
      'TUGBOOT_REBOOT_COMMAND: is no JSON list',
    ],
  ])('%j is refused: %s', (env, problem) => {
    expect(problems(env).join('\n')).toContain(problem);
  });

  it('is never repeated where it may hold a password', () => {
    const lines = problems({ NODE_NAME: 'n1', TUGBOOT_API_URL: 'https://user:hunter2@api.example' });
    expect(lines.join('\n')).toContain('must not hold a user or password');
    expect(lines.join('\n')).not.toContain('hunter2');
  });

  it('never makes the reader throw, whatever it holds', () => {
    const names = Object.keys(inPod).concat(
      'TUGBOOT_API_URL',
      'TUGBOOT_SENTINEL',
      'TUGBOOT_REBOOT_COMMAND',
      'TUGBOOT_REBOOT_SIGNAL',
      'LOG_LEVEL',
    );
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), fc.string()), (env) => {
        expect(() => readSettings(env)).not.toThrow();
      }),
    );
  });

  it('is all in the help', () => {
    const read: string[] = [];
    const spy = new Proxy<Record<string, string>>(
      {},
      {
        get: (_target, name) => {
          read.push(String(name));
          return { TUGBOOT_API_URL: 'https://api.example', TUGBOOT_REBOOT_METHOD: 'command' }[String(name)];
        },
      },
    );
    readSettings(spy);
    const undocumented = read.filter((name) => !name.startsWith('KUBERNETES_') && !help.includes(name));
    expect(undocumented).toEqual([]);
    expect(read.length).toBeGreaterThan(8);
  });
});
