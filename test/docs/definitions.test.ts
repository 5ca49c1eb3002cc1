import { globSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { read, root } from './pages.ts';

describe('the custom resource definitions', () => {
  it.each(globSync('charts/tugboot/files/crds/*.yaml', { cwd: root }))(
    'mean the same to YAML 1.1, which kubectl and helm read: %s',
    (path) => {
      expect(parse(read(path), { version: '1.1' })).toEqual(parse(read(path)));
    },
  );
});
