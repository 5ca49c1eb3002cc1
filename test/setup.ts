// Property tests run on a fixed seed, so that CI says the same twice; FC_SEED=random (npm run deflake) looks
// for new examples.
import fc from 'fast-check';
import process from 'node:process';
import { collectSlackContent, folderVariable } from './foreign/collect.ts';

const wanted = process.env['FC_SEED'];
if (wanted !== 'random') fc.configureGlobal({ seed: wanted === undefined ? 20_261_122 : Number(wanted) });

const folder = process.env[folderVariable];
if (folder !== undefined) collectSlackContent(folder);
