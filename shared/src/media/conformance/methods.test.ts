import { beforeAll, describe, expect, it } from 'vitest';
import { parseFrameRate } from '#local/sample/frame-rate';
import { type Episode, type EpisodeSpec, keyFramesOf } from '#local/sample/index';
import { smallEpisode } from '../clip.fixture.ts';
import type { Frames } from './plan-cases.ts';
import { runCase } from './run-case.ts';

// As little is encoded as can be: the suite only asks that the frames are right.
describe.each<EpisodeSpec>([
  { container: 'ts', fps: '30' },
  { container: 'fmp4', fps: '30000/1001' },
  { container: 'fmp4', fps: '60', bframes: 0, audio: false },
])('of closed GOPs: $container at $fps fps', (spec) => {
  let episode: Episode;
  let keys: number[];
  beforeAll(async () => {
    episode = await smallEpisode(spec);
    keys = keyFramesOf(episode, parseFrameRate(episode.fps));
  });
  const key = (n: number) => keys[n]!;
  const cut = async (...segments: Frames[]) => {
    const { faults, cuts } = await runCase(episode, { name: 'methods', segments });
    expect(faults).toEqual([]);
    return cuts.map(({ pictures }) => pictures);
  };

  it('encodes the ends and copies between, off the key frames', async () => {
    const [made] = await cut([key(1) + 7, key(3) + 9]);
    expect(made?.method).toBe('smart');
    expect(made?.framesEncoded).toBeLessThan(key(1) + 4);
  });

  it('copies all between key frames', async () => {
    const cuts = await cut([key(3), key(4)]);
    expect(cuts).toMatchObject([{ method: 'copied', framesEncoded: 0 }]);
  });

  it('encodes what holds no picture to copy from, and says so', async () => {
    const cuts = await cut([key(3) - 1, key(3)], [key(6), key(6) + 1]);
    expect(cuts).toMatchObject([
      { method: 'reencoded', reason: 'the segment holds no IDR picture to copy from' },
      { method: 'copied' },
    ]);
  });
});
