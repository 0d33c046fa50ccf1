import { describe, expect, it } from 'vitest';
import { smallEpisode } from '../clip.fixture.ts';
import { type MatrixSpec, nameOf, PAIRWISE } from './matrix.ts';
import { planCase } from './plan-cases.ts';
import { playCase } from './play-case.ts';
import { runCase, shapeOf } from './run-case.ts';

const SECONDS = 24;
/** Fifty segments on a machine that has other work, too. */
const LIMIT_MS = 180_000;
/** Each episode has one clip; over all of them, each number of segments meets most cut points. */
const COUNTS = [5, 2, 5, 1, 5, 2, 50, 1, 5, 2, 5, 1, 5, 2, 5];

describe.concurrent('clips are what was asked for', { timeout: LIMIT_MS }, () => {
  PAIRWISE.forEach((spec, n) => {
    it(nameOf(spec), async ({ expect }) => {
      const { episode, asked } = await prepare(spec, n);
      const { faults } = await runCase(episode, asked);
      expect(faults, asked.name).toEqual([]);
    });
  });
});

describe.concurrent('clips with copied sound are what was asked for', () => {
  for (const n of [2, 5]) {
    const spec = PAIRWISE[n]!;
    it(nameOf(spec), async ({ expect }) => {
      const { episode, asked } = await prepare(spec, n);
      const { faults } = await runCase(episode, asked, { audio: 'copy' });
      expect(faults, asked.name).toEqual([]);
    });
  }
});

describe.concurrent('clips play in Chromium', () => {
  for (const n of [0, 1, 5, 10]) {
    const spec = PAIRWISE[n]!;
    it(nameOf(spec), async (context) => {
      const { episode, asked } = await prepare(spec, n);
      await playCase(context, episode, asked);
    });
  }
});

it('has a clip for each episode', () => {
  expect(COUNTS.length).toBe(PAIRWISE.length);
});

async function prepare(spec: MatrixSpec, n: number) {
  const episode = await smallEpisode({ ...spec, seconds: SECONDS });
  return { episode, asked: planCase(await shapeOf(episode), COUNTS[n]!, n, n) };
}
