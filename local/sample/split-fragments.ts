import { createReadStream, createWriteStream } from 'node:fs';
import { open, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { PLAYLIST } from './encoding.ts';
import { type FrameRate, frameTimeMs } from './frame-rate.ts';

/** An episode as one fragmented MP4, a fragment to a key frame. */
export interface FragmentedEpisode {
  readonly dir: string;
  /** Name of the file in `dir`; it is gone afterwards. */
  readonly file: string;
  readonly keyFrames: readonly number[];
  readonly frameCount: number;
  readonly rate: FrameRate;
  readonly chunkSeconds: number;
}

/**
 * Makes HLS of a fragmented MP4: chunks of whole fragments, and a playlist. For open GOPs FFmpeg's own
 * packager (5.1) will not do: it gives the first picture of a chunk the time of its leading pictures.
 */
export async function splitFragments(episode: FragmentedEpisode): Promise<void> {
  const { dir, file, keyFrames, frameCount, rate, chunkSeconds } = episode;
  const path = join(dir, file);
  const fragments = await fragmentStarts(path);
  const secondsOf = (fragment: number) =>
    frameTimeMs(keyFrames[fragment] ?? frameCount, rate) / 1000;
  // Like FFmpeg: a chunk ends at the first key frame from a multiple of its length on.
  const starts: number[] = [];
  keyFrames.forEach((_, fragment) => {
    if (secondsOf(fragment) >= starts.length * chunkSeconds) starts.push(fragment);
  });

  const entries: string[] = [];
  await copyRange(path, 0, fragments[0]!, join(dir, 'init.mp4'));
  for (const [n, start] of starts.entries()) {
    const end = starts[n + 1] ?? keyFrames.length;
    const name = `chunk_${String(n).padStart(5, '0')}.m4s`;
    await copyRange(path, fragments[start]!, fragments[end], join(dir, name));
    entries.push(`#EXTINF:${(secondsOf(end) - secondsOf(start)).toFixed(6)},`, name);
  }
  await rm(path);
  const longest = Math.max(
    ...starts.map((start, n) => secondsOf(starts[n + 1] ?? keyFrames.length) - secondsOf(start)),
  );
  const head = [
    ...['#EXTM3U', '#EXT-X-VERSION:7', `#EXT-X-TARGETDURATION:${Math.ceil(longest)}`],
    ...['#EXT-X-MEDIA-SEQUENCE:0', '#EXT-X-PLAYLIST-TYPE:VOD', '#EXT-X-MAP:URI="init.mp4"'],
  ];
  await writeFile(join(dir, PLAYLIST), `${[...head, ...entries, '#EXT-X-ENDLIST'].join('\n')}\n`);
}

/** Where the file's `moof` boxes begin: ISO/IEC 14496-12, 4.2. */
async function fragmentStarts(path: string): Promise<number[]> {
  const file = await open(path);
  try {
    const header = Buffer.alloc(8);
    const starts: number[] = [];
    for (let at = 0; (await file.read(header, 0, 8, at)).bytesRead === 8; ) {
      if (header.toString('latin1', 4) === 'moof') starts.push(at);
      at += header.readUInt32BE(0);
    }
    return starts;
  } finally {
    await file.close();
  }
}

/** Copies the bytes [start, end), or to the end of the file. */
async function copyRange(
  from: string,
  start: number,
  end: number | undefined,
  to: string,
): Promise<void> {
  const range = { start, ...(end === undefined ? {} : { end: end - 1 }) };
  await pipeline(createReadStream(from, range), createWriteStream(to));
}
