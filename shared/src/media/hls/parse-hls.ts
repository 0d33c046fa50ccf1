import { parse, setOptions, type types } from 'hls-parser';
import { playlistInvalid, playlistUnsupported } from './playlist-errors.ts';

// Packagers break small rules all the time, such as a version that is too low. The parser reads on, and
// would tell each of them on standard error.
setOptions({ silent: true });

/**
 * The tags that say where the media lies. All others are dropped unread: partial segments and hints of
 * low latency, dates, advertisements, captions. Some of them the parser takes time or chokes on.
 */
const TAGS_READ = new Set([
  'EXTM3U',
  'EXTINF',
  'EXT-X-BYTERANGE',
  'EXT-X-DISCONTINUITY',
  'EXT-X-KEY',
  'EXT-X-MAP',
  'EXT-X-GAP',
  'EXT-X-TARGETDURATION',
  'EXT-X-MEDIA-SEQUENCE',
  'EXT-X-ENDLIST',
  'EXT-X-PLAYLIST-TYPE',
  'EXT-X-I-FRAMES-ONLY',
  'EXT-X-SKIP',
  'EXT-X-DEFINE',
  'EXT-X-STREAM-INF',
  'EXT-X-MEDIA',
]);

/** Far above what URIs and attributes need. The parser takes some hundred times their size for attributes. */
const MAX_LINE_LENGTH = 64 * 1024;

/** A playlist as the parser understands it, and the lines it was given: URIs and known tags. */
export interface ParsedHls {
  playlist: types.MasterPlaylist | types.MediaPlaylist;
  lines: string[];
}

/**
 * Parses a master or media playlist.
 * @param maxLines more are refused: short lines fill the memory with many times the size of the text
 * @throws PermanentError `PLAYLIST_INVALID` or `PLAYLIST_UNSUPPORTED`
 */
export function parseHls(text: string, playlistKey: string, maxLines: number): ParsedHls {
  const allLines = text.split('\n', maxLines + 1);
  if (allLines.length > maxLines) {
    throw playlistInvalid(playlistKey, `it has more than ${maxLines} lines`);
  }
  const lines = allLines.map(readableLine).filter(Boolean);
  if (lines[0] !== '#EXTM3U') throw playlistInvalid(playlistKey, 'it does not begin with #EXTM3U');
  const tooLong = lines.find((line) => line.length > MAX_LINE_LENGTH);
  if (tooLong) {
    throw playlistInvalid(playlistKey, `it has a line of ${tooLong.length} characters`);
  }
  let playlist: ParsedHls['playlist'];
  try {
    playlist = parse(lines.join('\n'));
  } catch (cause) {
    throw playlistInvalid(playlistKey, 'it does not parse as HLS', cause);
  }
  if (playlist.defines) {
    throw playlistUnsupported(playlistKey, 'it has variables (EXT-X-DEFINE)');
  }
  return { playlist, lines };
}

/** @returns the line as the parser reads it rightly; empty for one that it need not see */
function readableLine(line: string): string {
  // Also drops the CR of CRLF, and a byte order mark, which counts as white space.
  const trimmed = line.trim();
  if (trimmed.startsWith('#')) {
    const [name = ''] = trimmed.slice(1).split(':', 1);
    if (!TAGS_READ.has(name.trim())) return '';
    // The parser takes titles beyond ASCII for badly encoded ones. Nobody reads them here.
    if (name === 'EXTINF') return trimmed.split(',', 1)[0]!;
  }
  // The parser takes an apostrophe for a quotation mark, and loses the attributes behind it.
  return trimmed.replaceAll("'", '%27');
}
