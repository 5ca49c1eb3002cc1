import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface HelmAnswer {
  readonly ok: boolean;
  /** Standard output and standard error. */
  readonly text: string;
}

/** A real helm on a cluster. A refusal is a result, not an error. */
export interface ClusterHelm {
  run(...args: readonly string[]): Promise<HelmAnswer>;
  /** For what must succeed. */
  done(...args: readonly string[]): Promise<string>;
  close(): void;
}

export function createHelm(program: string, kubeconfig: string): ClusterHelm {
  const home = mkdtempSync(join(tmpdir(), 'tugboot-helm-'));
  const env = {
    HELM_CACHE_HOME: home,
    HELM_CONFIG_HOME: home,
    HELM_DATA_HOME: home,
    HOME: home,
    KUBECONFIG: kubeconfig,
  };
  const run: ClusterHelm['run'] = (...args) =>
    new Promise((resolve) => {
      execFile(program, args, { env, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) =>
        resolve({ ok: error === null, text: `${stdout}${stderr}` }),
      );
    });
  return {
    run,
    async done(...args) {
      const { ok, text } = await run(...args);
      if (!ok) throw new Error(`helm ${args.join(' ')}: ${text}`);
      return text;
    },
    close: () => rmSync(home, { recursive: true, force: true }),
  };
}
