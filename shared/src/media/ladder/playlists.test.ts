import { expect, it } from 'vitest';
import { mediaPlaylist, pointingTo } from './playlists.ts';

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
