// Runs the tests repeatedly, in random order and with new random examples, until one fails.
//
// npm run deflake -- [times] [file …]
import { spawnSync } from 'node:child_process';

const [times = '20', ...files] = process.argv.slice(2);
for (let round = 1; round <= Number(times); round += 1) {
  const { status } = spawnSync('vitest', ['run', '--sequence.shuffle', ...files], {
    stdio: 'inherit',
    env: { ...process.env, FC_SEED: 'random', FC_RUNS: '4' },
  });
  if (status !== 0) {
    console.log(`failed in round ${round} of ${times}`);
    process.exit(1);
  }
}
console.log(`${times} rounds without a failure`);
