import { drainContract } from '../../contracts/drain-contract.ts';
import { makeDrainWorld } from '../world/drain-world.ts';

drainContract('KubeCluster on the demo API', () => makeDrainWorld());
