/** Each port of the core has a contract suite, which its adapters and its fake run. */
import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const root = new URL('../../', import.meta.url);
const textsOf = (pattern: string): readonly string[] =>
  globSync(pattern, { cwd: root }).map((file) => readFileSync(new URL(file, root), 'utf8'));

/** Ports to the nodes of a cluster are small, so that a fake of one is. */
const mostMethods = 4;

/** Interfaces with methods; others are values. */
const methods = (body: string): number => (body.match(/^ {2}\w+\(/gm) ?? []).length;
const interfaces = textsOf('src/reboot/ports/**/*.ts').flatMap((text) =>
  Array.from(text.matchAll(/^export interface (\w+) \{\n(.*?)^\}/gms)).map(([, name = '', body = '']) => ({
    name,
    methods: methods(body),
  })),
);
const ports = interfaces.filter((each) => each.methods > 0).map(({ name }) => name);

/** What is no port to a system outside of the process. */
const exempt = new Map([
  ['Decisions', 'the core itself implements it, for chat'],
  ['Logger', 'it answers nothing'],
  ['Meter', 'it answers nothing'],
  ['JobReport', 'it answers nothing'],
  ['ShownLists', 'it is a part of PoolDigests, whose contract has it'],
]);

const contractOf = (port: string): string => `${port.charAt(0).toLowerCase()}${port.slice(1)}Contract`;
const callsSuite = (text: string, suite: string): boolean =>
  new RegExp(String.raw`^ *${suite}\(`, 'm').test(text);

/** Calls the suites of all ports to the nodes of a cluster. */
const [clusterSuites = ''] = textsOf('test/contracts/cluster/cluster-contracts.ts');

const calls = (texts: readonly string[], port: string): boolean =>
  texts.some((text) => callsSuite(text, contractOf(port))) ||
  (callsSuite(clusterSuites, contractOf(port)) && texts.some((text) => callsSuite(text, 'clusterContracts')));

const contracts = textsOf('test/contracts/**/*-contract.ts');
const fakes = textsOf('test/fakes/*.test.ts');
const adapters = textsOf('test/{bot,cluster,gates,jobs,k8s}/**/*.test.ts');

describe('the ports of the core', () => {
  it('are found', () => {
    expect(ports).toEqual(
      expect.arrayContaining([
        'Cordons',
        'Orders',
        'Drains',
        'RebootStore',
        'Ledger',
        'Pauses',
        'Queue',
        'Gatekeeper',
        'Chat',
      ]),
    );
    for (const name of exempt.keys()) expect(ports).toContain(name);
  });

  it('to the nodes of a cluster have few methods', () => {
    const ofNodes = Array.from(clusterSuites.matchAll(/^ {2}(\w+)Contract\(/gm), ([, suite = '']) => suite);
    expect(ofNodes).toHaveLength(10);
    const large = interfaces.filter(
      ({ name, methods: count }) =>
        ofNodes.some((suite) => contractOf(name) === `${suite}Contract`) && count > mostMethods,
    );
    expect(large).toEqual([]);
  });

  it.each(ports.filter((port) => !exempt.has(port)))(
    'have a contract, run by those who implement it: %s',
    (port) => {
      expect(contracts.some((text) => text.includes(`export function ${contractOf(port)}(`))).toBe(true);
      expect(calls(adapters, port)).toBe(true);
      expect(calls(fakes, port)).toBe(true);
    },
  );
});
