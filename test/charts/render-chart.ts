import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { installTools } from '../tools/install.ts';

const run = promisify(execFile);

export const chart = fileURLToPath(new URL('../../charts/tugboot', import.meta.url));

/** A Kubernetes object as the chart renders it, looked into without further checks. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Record<string, string>;
    readonly annotations?: Record<string, string>;
  };
  readonly [field: string]: unknown;
}

export interface Helm {
  /** Everything that an installation would create; the CRDs only where the values ask for them. */
  render(values: unknown): Promise<readonly Manifest[]>;
  /** What helm says when it refuses. */
  refusal(values: unknown): Promise<string>;
  lint(values: unknown): Promise<string>;
}

/** The real helm, or why there is none. */
export async function findHelm(): Promise<{ readonly helm: Helm } | { readonly why: string }> {
  const result = await installTools();
  if (!result.ok) return { why: result.why };
  const { helm: program } = result.tools;
  const helm = async (values: unknown, ...args: string[]): Promise<string> => {
    const home = mkdtempSync(join(tmpdir(), 'tugboot-helm-'));
    try {
      const file = join(home, 'values.json');
      writeFileSync(file, JSON.stringify(values));
      const env = { HELM_CACHE_HOME: home, HELM_CONFIG_HOME: home, HELM_DATA_HOME: home, HOME: home };
      const { stdout } = await run(program, [...args, '--values', file], {
        env,
        maxBuffer: 16 * 1024 * 1024,
      });
      return stdout;
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  };
  const template = ['template', 'tugboot', chart, '--namespace', 'ops'];
  const rendered = new Map<string, Promise<readonly Manifest[]>>();
  const renderOnce = async (values: unknown): Promise<readonly Manifest[]> =>
    parseAllDocuments(await helm(values, ...template))
      .map((document) => document.toJS() as Manifest | null)
      .filter((manifest) => manifest !== null);
  return {
    helm: {
      render(values) {
        // The CRDs take longer to parse than all the rest.
        const all = { crds: { enabled: false }, ...(values as object) };
        const key = JSON.stringify(all);
        const result = rendered.get(key) ?? renderOnce(all);
        rendered.set(key, result);
        return result;
      },
      async refusal(values) {
        return helm(values, ...template).then(
          () => '',
          (error: unknown) =>
            error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error),
        );
      },
      lint: async (values) => helm(values, 'lint', '--strict', chart),
    },
  };
}
