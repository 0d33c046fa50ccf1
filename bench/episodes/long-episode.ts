import { copyFile, readdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  type BenchEpisode,
  CACHE,
  CHUNK_SECONDS,
  cached,
  PLAYLIST,
  packageHls,
} from './bench-episode.ts';

/** A chunk without media: a packet that is only padding (ISO/IEC 13818-1, 2.4.3.2). */
const EMPTY_CHUNK = Buffer.alloc(188, 0xff);
EMPTY_CHUNK.set([0x47, 0x1f, 0xff, 0x10]);

/**
 * An episode of many hours, for segments late in it. Its playlist lists every chunk; but media is only in
 * the first chunk, which says when the episode begins, and in those of one copy of the short episode, near
 * the end, whose time stamps are what they would be there. Any other chunk is empty: a method that needed it
 * would fail, so that its figures cannot be wrong.
 */
export async function longEpisode(short: BenchEpisode, hours: number): Promise<BenchEpisode> {
  const copies = Math.ceil((hours * 3600) / short.seconds);
  const offsetSeconds = (copies - 1) * short.seconds;
  const dir = join(CACHE, `long-${short.seconds}-${hours}`);
  await cached(dir, `an episode of ${hours} hours`, async (into) => {
    await packageHls(into, [
      ...['-copyts', '-i', short.playlistPath, '-c', 'copy'],
      // As the muxer of the short episode left them, and so much later.
      ...['-output_ts_offset', String(offsetSeconds), '-muxdelay', '0', '-muxpreload', '0'],
      ...['-hls_segment_options', 'mpegts_copyts=1'],
    ]);
    const chunks = (await readdir(into)).filter((name) => name.endsWith('.ts')).sort();
    const ahead = offsetSeconds / CHUNK_SECONDS;
    // From the last: no name is taken by one that has not moved yet.
    for (const [n, name] of [...chunks.entries()].reverse()) {
      await rename(join(into, name), join(into, chunkName(ahead + n)));
    }
    await copyFile(join(dirname(short.playlistPath), chunkName(0)), join(into, chunkName(0)));
    for (let n = 1; n < ahead; n++) await writeFile(join(into, chunkName(n)), EMPTY_CHUNK);
    await writeFile(join(into, PLAYLIST), playlistOf(ahead + chunks.length));
  });
  const seconds = copies * short.seconds;
  return { playlistPath: join(dir, PLAYLIST), seconds, offsetSeconds };
}

/**
 * An episode of at least so many seconds with all its media, for what it takes to move it: the short one
 * again and again, on one clock.
 * @param dir existing, for its files
 */
export async function repeatedEpisode(
  short: BenchEpisode,
  seconds: number,
  dir: string,
): Promise<BenchEpisode> {
  const copies = Math.ceil(seconds / short.seconds);
  const loop = ['-stream_loop', String(copies - 1), '-i', short.playlistPath];
  await packageHls(dir, [...loop, '-c', 'copy']);
  return { playlistPath: join(dir, PLAYLIST), seconds: copies * short.seconds, offsetSeconds: 0 };
}

const chunkName = (n: number) => `${String(n).padStart(5, '0')}.ts`;

function playlistOf(chunkCount: number): string {
  const entries = Array.from(
    { length: chunkCount },
    (_, n) => `#EXTINF:${CHUNK_SECONDS.toFixed(6)},\n${chunkName(n)}\n`,
  );
  return [
    '#EXTM3U\n#EXT-X-VERSION:6\n',
    `#EXT-X-TARGETDURATION:${CHUNK_SECONDS}\n#EXT-X-PLAYLIST-TYPE:VOD\n`,
    '#EXT-X-INDEPENDENT-SEGMENTS\n',
    ...entries,
    '#EXT-X-ENDLIST\n',
  ].join('');
}
