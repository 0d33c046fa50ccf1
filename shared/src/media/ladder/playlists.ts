import type { VideoRange } from '../codecs/colour.ts';
import type { RungChunk, WrittenRung } from './write-rung.ts';

// HLS: RFC 8216; VIDEO-RANGE: draft-pantos-hls-rfc8216bis, 4.4.6.2.

/** EXT-X-MAP for fragmented MP4, and byte ranges: section 7. */
const VERSION = 7;

/**
 * The media playlist of a rung.
 * @param uri of the rung's one file, relative to the playlist
 */
export function mediaPlaylist({ headerBytes, chunks }: WrittenRung, uri: string): string {
  const longest = Math.max(...chunks.map(({ durationSeconds }) => Math.round(durationSeconds)));
  return lines(
    '#EXTM3U',
    `#EXT-X-VERSION:${VERSION}`,
    `#EXT-X-TARGETDURATION:${Math.max(1, longest)}`,
    '#EXT-X-PLAYLIST-TYPE:VOD',
    '#EXT-X-INDEPENDENT-SEGMENTS',
    `#EXT-X-MAP:URI="${uri}",BYTERANGE="${headerBytes}@0"`,
    ...chunks.flatMap((chunk) => chunkLines(chunk, uri)),
    '#EXT-X-ENDLIST',
  );
}

const chunkLines = ({ durationSeconds, bytes, offset }: RungChunk, uri: string) => [
  `#EXTINF:${durationSeconds.toFixed(6)},`,
  `#EXT-X-BYTERANGE:${bytes}@${offset}`,
  uri,
];

/** A media playlist of ours whose one file is somewhere else. @param uri has no quotes and no line breaks */
export const pointingTo = (playlist: string, uri: string): string =>
  playlist.replace(/(?<=^#EXT-X-MAP:URI=")[^"]*/m, () => uri).replaceAll(/^[^#\n].*$/gm, () => uri);

/** What a master playlist says of a rung; the record of a clip has it. */
export interface ListedRung {
  bitrate: number;
  peakBitrate: number;
  codecs: string;
  width?: number;
  height?: number;
  frameRate?: number;
  videoRange?: VideoRange;
}

/**
 * The master playlist of a clip, the rung with the fewest bits first, which is where players begin. It is made
 * for whoever asks and lies nowhere: it says nothing that the clip's record does not, is never behind it, and of
 * two rungs that are finished at once neither can write it without the other.
 * @param uriOf of a rung's media playlist, absolute or relative to where the master playlist is served
 */
export function masterPlaylist<Rung extends ListedRung>(
  rungs: readonly Rung[],
  uriOf: (rung: Rung) => string,
): string {
  const ascending = [...rungs].sort((a, b) => a.peakBitrate - b.peakBitrate);
  return lines(
    '#EXTM3U',
    `#EXT-X-VERSION:${VERSION}`,
    '#EXT-X-INDEPENDENT-SEGMENTS',
    ...ascending.flatMap((rung) => [`#EXT-X-STREAM-INF:${attributes(rung)}`, uriOf(rung)]),
  );
}

function attributes({
  bitrate,
  peakBitrate,
  codecs,
  width,
  height,
  frameRate,
  videoRange,
}: ListedRung): string {
  return [
    `BANDWIDTH=${peakBitrate}`,
    `AVERAGE-BANDWIDTH=${bitrate}`,
    `CODECS="${codecs}"`,
    ...(width && height ? [`RESOLUTION=${width}x${height}`] : []),
    ...(frameRate ? [`FRAME-RATE=${frameRate.toFixed(3)}`] : []),
    ...(videoRange ? [`VIDEO-RANGE=${videoRange}`] : []),
  ].join(',');
}

const lines = (...all: readonly string[]) => `${all.join('\n')}\n`;
