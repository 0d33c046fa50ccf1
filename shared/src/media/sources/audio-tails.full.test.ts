import { beforeAll, describe, it } from 'vitest';
import type { Span } from '../clip.fixture.ts';
import { useFolder } from './judged.fixture.ts';
import { expectHeard, toneEpisode } from './tone.fixture.ts';

const folder = useFolder();

const ENCODERS: [name: string, container: 'ts' | 'fmp4', encoder: string[]][] = [
  ['Opus in fMP4', 'fmp4', ['-c:a', 'libopus', '-b:a', '160k']],
  ['FLAC in fMP4', 'fmp4', ['-c:a', 'flac']],
  ['ALAC in fMP4', 'fmp4', ['-c:a', 'alac']],
  ['AAC in fMP4', 'fmp4', ['-c:a', 'aac', '-b:a', '160k']],
  ['Opus in TS', 'ts', ['-c:a', 'libopus', '-b:a', '160k']],
  ['LATM in TS', 'ts', ['-c:a', 'aac', '-b:a', '160k', '-mpegts_flags', 'latm']],
];

/** Chunks begin at 2, 4, 6 and 8 s. */
const SPANS: [from: number, to: number][] = [
  [4_100, 5_850],
  [4_100, 5_950],
  [4_100, 5_990],
  [1_300, 3_990],
  [4_000, 5_000],
  [4_000, 6_000],
  [3_990, 6_010],
  [8_000, 9_900],
];

describe.each(ENCODERS.flatMap((encoder) => [15, 24].map((fps) => [...encoder, fps] as const)))(
  '%s is heard to the millisecond',
  (_, container, encoder, fps) => {
    let playlistPath = '';
    beforeAll(async () => {
      playlistPath = await toneEpisode({ fps, encoder, container }, folder.path);
    });

    it.each(SPANS)(`at ${fps} fps, from %i to %i ms`, async (from, to) => {
      await expectHeard(playlistPath, fps, [[from, to]], folder.path);
    });

    it(`at ${fps} fps, in two segments`, async () => {
      const spans: Span[] = [
        [4_100, 5_990],
        [2_000, 3_950],
      ];
      await expectHeard(playlistPath, fps, spans, folder.path);
    });
  },
);
