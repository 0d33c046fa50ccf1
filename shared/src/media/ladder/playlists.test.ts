import { expect, it } from 'vitest';
import { masterPlaylist, mediaPlaylist, pointingTo } from './playlists.ts';

it('has a playlist point to another address, whatever is in that', () => {
  const written = {
    headerBytes: 700,
    chunks: [
      { durationSeconds: 4, bytes: 1_000, offset: 700 },
      { durationSeconds: 2.5, bytes: 500, offset: 1_700 },
    ],
  } as Parameters<typeof mediaPlaylist>[0];
  const uri = "https://bucket/$&/720p.m4s?a=1&b=$'";
  expect(pointingTo(mediaPlaylist(written, '720p.m4s'), uri)).toBe(mediaPlaylist(written, uri));
});

it('tells the dynamic range of a rung where it is known', () => {
  const rung = { bitrate: 1_000, peakBitrate: 2_000, codecs: 'hvc1.2.4.L60.90' };
  const told = masterPlaylist([{ ...rung, videoRange: 'HLG' }, rung], () => 'x.m3u8').split('\n');
  const [first, second] = told.filter((line) => line.startsWith('#EXT-X-STREAM-INF'));
  expect(first).toContain(',VIDEO-RANGE=HLG');
  expect(second).not.toContain('VIDEO-RANGE');
});
