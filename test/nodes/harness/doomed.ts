// A harness in its own process, for the test that kills it: creates a machine, reports that, and removes it
// when its standard input ends.
import process from 'node:process';
import { openNodeCluster } from './node-cluster.ts';
import type { ReadyNodeGround } from './node-ground.ts';

const ground = JSON.parse(process.argv[2] ?? '') as ReadyNodeGround;
const cluster = await openNodeCluster(ground, [{ name: 'only-1', controlPlane: false }]);
process.stdout.write(
  `${JSON.stringify({ bridge: cluster.network.bridge, directory: cluster.plane.directory })}\n`,
);
process.stdin.resume();
process.stdin.once('end', () => void cluster.close().then(() => process.exit(0)));
