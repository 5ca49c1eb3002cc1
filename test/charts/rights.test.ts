/** The rights that the doctor asks for are those that the chart grants, no more and no less. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { rights } from '../../src/doctor/rights.ts';
import { chart } from './render-chart.ts';

interface Rule {
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

const granted = (file: string, where: string): readonly string[] =>
  (parse(readFileSync(`${chart}/files/${file}`, 'utf8')) as Rule[]).flatMap(
    ({ apiGroups = [], resources = [], resourceNames = [''], verbs }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) =>
          resourceNames.flatMap((name) =>
            verbs.map((verb) => `${where} ${verb} ${resource}.${group} ${name}`),
          ),
        ),
      ),
  );

it('every right of the bot is in the table of the doctor', () => {
  const inTable = rights.flatMap(({ verbs, group, resource, subresource, own, name = '' }) =>
    verbs.map(
      (verb) =>
        `${own ? 'own' : 'all'} ${verb} ${resource}${subresource === undefined ? '' : `/${subresource}`}.${group} ${name}`,
    ),
  );
  expect(inTable.toSorted()).toEqual(
    [...granted('bot-rules.yaml', 'all'), ...granted('bot-namespace-rules.yaml', 'own')].toSorted(),
  );
});
