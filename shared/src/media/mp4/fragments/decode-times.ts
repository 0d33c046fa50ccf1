import { UnreadableMediaError } from '../../not-copyable.ts';
import { FileReader } from '../../source/file-reader.ts';
import { FileWindow } from '../../source/file-window.ts';
import { bodiesIn, bodyIn, neededBody, parse } from '../boxes.ts';
import type { Track } from '../tracks/initialization.ts';
import { readChunkBoxes } from './chunk-boxes.ts';
import type { MovieFragment } from './fragments.ts';

/** Where a chunk does not say when it begins, players guess: HLS (RFC 8216, 3.3) and CMAF demand that it does. */
export const untimed = () =>
  new UnreadableMediaError(
    'a chunk does not tell when it begins (its fragments have no tfdt box)',
    'package the episode again, with a tfdt box in each fragment, as HLS demands',
  );

/**
 * Whether a chunk says of each of its tracks when it begins. What follows goes on from there.
 * @param fragments of one chunk
 * @param tracks that count; none: all of them
 * @throws UnreadableMediaError
 */
export function assertDecodeTimes(
  fragments: readonly MovieFragment[],
  tracks: readonly Pick<Track, 'id'>[],
): void {
  const timed = new Set<number>();
  for (const { body } of fragments) {
    for (const part of parse(() => bodiesIn(body, 'traf'))) {
      const id = parse(() => neededBody(part, 'tfhd').readUInt32BE(4));
      const counts = tracks.length === 0 || tracks.some((track) => track.id === id);
      if (!counts || timed.has(id) || !bodyIn(part, 'trun')) continue;
      if (!bodyIn(part, 'tfdt')) throw untimed();
      timed.add(id);
    }
  }
}

/** Only descriptions are read. */
const WINDOW_BYTES = 4096;

/** The same for files. */
export async function assertFilesTimed(
  files: readonly string[],
  tracks: readonly Pick<Track, 'id'>[],
  signal: AbortSignal,
): Promise<void> {
  const reader = new FileReader();
  try {
    for (const path of files) {
      const window = await FileWindow.open(reader, path, WINDOW_BYTES);
      assertDecodeTimes((await readChunkBoxes(window, signal)).fragments, tracks);
    }
  } finally {
    await reader.close();
  }
}
