import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cachedEpisode, type Episode, type EpisodeSpec } from '#local/sample/index';

/** Small pictures keep FFmpeg quick; everything else is as in a large episode. */
const SMALL = { seconds: 24, width: 320, height: 180, chunkSeconds: 6 } satisfies EpisodeSpec;

/** The episodes that tests cut from. */
export const SAMPLES = {
  plain: { ...SMALL, fps: '30', container: 'ts' },
  ntsc: { ...SMALL, fps: '30000/1001', container: 'ts' },
  fmp4: { ...SMALL, fps: '25', container: 'fmp4' },
  large: { seconds: 8, width: 1920, height: 1080, chunkSeconds: 4, fps: '30', container: 'ts' },
  silent: { ...SMALL, fps: '30', container: 'ts', audio: false },
} as const satisfies Record<string, EpisodeSpec>;

export type SampleName = keyof typeof SAMPLES;

/** Shared by all tests of this machine: an episode is made once. */
const CACHE = join(tmpdir(), 'splicebus-test-episodes');

export const sampleEpisode = (name: SampleName): Promise<Episode> =>
  cachedEpisode(CACHE, SAMPLES[name]);
