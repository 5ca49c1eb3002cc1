import { spawn } from 'node:child_process';

export interface KubectlAnswer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The real kubectl. A non-zero exit is a result, not an error. */
export type Kubectl = (args: readonly string[], input?: string) => Promise<KubectlAnswer>;

export function createKubectl(program: string, kubeconfig: string): Kubectl {
  return (args, input = '') =>
    new Promise((resolve, reject) => {
      // Its discovery cache is keyed by address, so it would be reused for another server on the same port.
      const child = spawn(program, ['--cache-dir=/dev/null', ...args], {
        env: { KUBECONFIG: kubeconfig, HOME: '/nonexistent' },
      });
      let [stdout, stderr] = ['', ''];
      child.stdout.on('data', (text: Buffer) => (stdout += text.toString()));
      child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
      child.once('error', reject);
      child.once('close', (code) => resolve({ code: code ?? 1, stdout, stderr }));
      // EPIPE: the process may have exited without reading its input.
      child.stdin.on('error', () => undefined);
      child.stdin.end(input);
    });
}

/** For preparations of tests, which must succeed. */
export async function kubectlOrThrow(
  kubectl: Kubectl,
  args: readonly string[],
  input?: string,
): Promise<string> {
  const { code, stdout, stderr } = await kubectl(args, input);
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
  return stdout;
}
