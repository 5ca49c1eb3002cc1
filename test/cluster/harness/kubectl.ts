import { spawn } from 'node:child_process';

export interface KubectlAnswer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The real kubectl. A refusal is an answer, too. */
export type Kubectl = (args: readonly string[], input?: string) => Promise<KubectlAnswer>;

export function createKubectl(program: string, kubeconfig: string): Kubectl {
  return (args, input = '') =>
    new Promise((resolve, reject) => {
      // It keeps what it has discovered below its home, and would take it for that of another server on the
      // same port.
      const child = spawn(program, ['--cache-dir=/dev/null', ...args], {
        env: { KUBECONFIG: kubeconfig, HOME: '/nonexistent' },
      });
      let [stdout, stderr] = ['', ''];
      child.stdout.on('data', (text: Buffer) => (stdout += text.toString()));
      child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
      child.once('error', reject);
      child.once('close', (code) => resolve({ code: code ?? 1, stdout, stderr }));
      // It may have ended already: then it did not want to read.
      child.stdin.on('error', () => undefined);
      child.stdin.end(input);
    });
}

/** For the tests' own preparations, which can only succeed. */
export async function kubectlOrThrow(
  kubectl: Kubectl,
  args: readonly string[],
  input?: string,
): Promise<string> {
  const { code, stdout, stderr } = await kubectl(args, input);
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
  return stdout;
}
