import { parseMediaPlaylist, type TrackPlaylist } from './media-playlist.ts';

/** A playlist of chunks with these durations in seconds; a string is put in as a tag. */
export function playlistOf(...entries: (number | string)[]): TrackPlaylist {
  return parseMediaPlaylist(`${linesOf(entries)}\n#EXT-X-ENDLIST`, 'e/index.m3u8', 'e/');
}

/** The same, but it still grows. */
export function growingPlaylistOf(...entries: (number | string)[]): TrackPlaylist {
  return parseMediaPlaylist(linesOf(entries), 'e/index.m3u8', 'e/');
}

function linesOf(entries: readonly (number | string)[]): string {
  const lines = entries.map((entry, n) =>
    typeof entry === 'string' ? entry : `#EXTINF:${entry.toFixed(6)},\n${n}.ts`,
  );
  return ['#EXTM3U', '#EXT-X-TARGETDURATION:12', ...lines].join('\n');
}
