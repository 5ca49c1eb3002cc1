import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileTouched } from '../../src/config/file-touched.ts';
import { keepingLogger } from '../k8s/world/api.ts';
import { until } from '../k8s/world/until.ts';

describe('the configuration file', () => {
  let folder: string;
  let over: AbortController;
  let touched: number;
  const logger = keepingLogger();
  const watch = (path: string): void =>
    fileTouched({ path, signal: over.signal, logger, callback: () => (touched += 1) });
  const told = (): Promise<void> => until('it is told', () => touched > 0);
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tugboot-config-'));
    over = new AbortController();
    touched = 0;
  });
  afterEach(() => {
    over.abort();
    rmSync(folder, { recursive: true });
  });

  it('is seen when it is written in place, and when another is put in its place', async () => {
    const path = join(folder, 'tugboot.yaml');
    writeFileSync(path, 'one');
    watch(path);
    writeFileSync(path, 'two');
    await told();
    touched = 0;
    writeFileSync(`${path}.new`, 'three');
    renameSync(`${path}.new`, path);
    await told();
  });

  it('is seen when the kubelet updates a mounted ConfigMap: a link is swapped, and the file itself is not touched', async () => {
    const version = (name: string, text: string): void => {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, 'tugboot.yaml'), text);
    };
    version('..2026_1', 'one');
    symlinkSync('..2026_1', join(folder, '..data'));
    symlinkSync('..data/tugboot.yaml', join(folder, 'tugboot.yaml'));
    watch(join(folder, 'tugboot.yaml'));
    version('..2026_2', 'two');
    symlinkSync('..2026_2', join(folder, '..data_tmp'));
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
    await told();
  });

  it('is not mistaken for what else lies in its folder', async () => {
    let logged = 0;
    watch(join(folder, 'tugboot.yaml'));
    // Registered later, and so told later.
    const log = join(folder, 'serve.log');
    fileTouched({ path: log, signal: over.signal, logger, callback: () => (logged += 1) });
    writeFileSync(log, 'a line');
    await until('the log is told', () => logged > 0);
    expect(touched).toBe(0);
    writeFileSync(join(folder, 'tugboot.yaml'), 'one');
    await told();
  });

  it('that lies in no folder is left to the periodic read, and that is logged', () => {
    watch(join(folder, 'nowhere', 'tugboot.yaml'));
    expect(logger.lines.at(-1)).toMatchObject({ level: 'debug' });
  });
});
