/**
 * Builds what the cluster tests run, so that it can be done beside something else: minutes the first time,
 * nothing after that.
 */
import { buildControlPlane } from './harness/build-control-plane.ts';
import { buildDns } from './harness/build-dns.ts';

const tell = (line: string): unknown => process.stdout.write(`${line}\n`);
// One after the other: each takes all cores that it gets.
for (const build of [buildControlPlane, buildDns]) {
  const built = await build({ env: process.env, tell });
  if (!built.ok) tell(`not built: ${built.why}`);
  else if (built.ms > 0) tell(`built in ${Math.round(built.ms / 1000)} s`);
}
