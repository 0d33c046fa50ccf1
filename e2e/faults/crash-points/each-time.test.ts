import { afterAll, beforeAll, it, vi } from 'vitest';
import '../world/fast-world.ts';
import { PATIENT } from '../report.ts';
import { startWorld, type World } from '../world/world.ts';
import { findCrashPoints, warmUp } from './crash-points.ts';
import { tryPoints } from './try-points.ts';

vi.setConfig(PATIENT);

let world: World;
beforeAll(async () => {
  world = await startWorld({ sample: { audio: false } });
  // Cuts what later runs copy: the calls that this takes are made no more then.
  await warmUp(world);
});
afterAll(async () => {
  vi.useRealTimers();
  await world?.stop();
});

it('a process dies in every attempt, so that the failure destination takes over: every guarantee holds', async () => {
  const points = await findCrashPoints(world);
  await tryPoints(world, points, 3, {
    what: 'crash points: dies each time',
    media: 'pre-cut files',
  });
});
