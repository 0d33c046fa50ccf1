import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { PATIENT } from '../report.ts';
import { startWorld, type World } from '../world/world.ts';
import { type CrashPoint, findCrashPoints } from './crash-points.ts';
import { tryPoints } from './try-points.ts';

vi.setConfig(PATIENT);

let world: World;
let points: CrashPoint[];
beforeAll(async () => {
  world = await startWorld();
  points = await findCrashPoints(world);
});
afterAll(async () => {
  vi.useRealTimers();
  await world?.stop();
});

it('finds calls of every function', () => {
  const tried = new Set(points.map(({ call }) => call.functionName));
  // That one handles what the others give up; it is only there when a process dies each time.
  const expected = world.functions.map(({ name }) => name).filter((name) => !/Failed$/.test(name));
  expect([...tried].sort()).toEqual(expect.arrayContaining(expected.sort()));
});

it('a process dies once, wherever it is, and is tried again: every guarantee holds', () =>
  tryPoints(world, points, 1, { what: 'crash points: dies once', media: 'FFmpeg' }));
