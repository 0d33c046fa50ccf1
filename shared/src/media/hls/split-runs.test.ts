import { describe, expect, it } from 'vitest';
import { parseMediaPlaylist, type TrackPlaylist } from './media-playlist.ts';
import { roundingUs, splitRuns } from './split-runs.ts';

const playlistOf = (seconds: readonly (number | string)[], discontinuityBefore: number[] = []) =>
  parseMediaPlaylist(
    [
      '#EXTM3U',
      '#EXT-X-TARGETDURATION:10',
      ...seconds.flatMap((duration, n) => [
        ...(discontinuityBefore.includes(n) ? ['#EXT-X-DISCONTINUITY'] : []),
        `#EXTINF:${duration},`,
        `${n}.ts`,
      ]),
      '#EXT-X-ENDLIST',
    ].join('\n'),
    'x/index.m3u8',
    'x/',
  );

describe('splitRuns', () => {
  it('makes of a playlist what it would be with the tags', () => {
    const seconds = [4, 4, 3.5, 4, 4, 2];
    for (const before of [[1], [2, 4], [4, 2, 2], [5], [1, 2, 3, 4, 5]]) {
      const parted = [playlistOf(seconds), playlistOf(seconds, [3])].map((playlist) =>
        withoutOrigin(splitRuns(playlist, before)),
      );
      expect(parted).toEqual([playlistOf(seconds, before), playlistOf(seconds, [3, ...before])]);
    }
    expect(splitRuns(playlistOf(seconds, [3]), [0, 3])).toEqual(playlistOf(seconds, [3]));
  });

  it('keeps which run of the playlist each was part of', () => {
    const playlist = splitRuns(splitRuns(playlistOf([4, 4, 4, 4, 4], [1]), [2]), [3, 4]);
    expect(playlist.runs.map(({ first, partOf }) => [first, partOf])).toEqual([
      [0, undefined],
      [1, undefined],
      [2, 1],
      [3, 1],
      [4, 1],
    ]);
  });
});

const withoutOrigin = (playlist: TrackPlaylist): TrackPlaylist => ({
  ...playlist,
  runs: playlist.runs.map(({ partOf: _, ...run }) => run),
});

describe('roundingUs', () => {
  it.each([
    ['whole seconds', [10, 10, 9, '3.21'], 500_000],
    ['tenths', ['9.9', 10, '3.217'], 50_000],
    ['hundredths', ['9.97', '10.00', '3.217'], 5_000],
    ['no more than encoders are off', ['9.966667', '9.99', 3], 500],
    ['one chunk', [7], 500_000],
  ])('%s', (_, seconds, us) => {
    expect(roundingUs(playlistOf(seconds))).toBe(us);
  });
});
