import '../world/fast-world.ts';
import { trySeeds } from './try-seeds.ts';

trySeeds('even');
