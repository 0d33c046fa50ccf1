import type { Chunk, Run } from '../hls/media-playlist.ts';
import { FileReader } from '../source/file-reader.ts';
import type { ChunkStore } from './chunk-store.ts';
import { isNotThere } from './collect-errors.ts';

/** Tables are small and come early, or as late as pictures are large. */
const WINDOW_BYTES = [64 * 1024, 1024 * 1024];

/** So many chunks before and behind those that lack tables are looked into. */
const MOST_NEIGHBOURS = 3;

/**
 * The beginnings of other chunks of a run, for chunks that do not say what is in them: some packagers say it only
 * once, in the first chunk, or every few chunks.
 * @param near index of the chunk that lacks tables
 */
export async function* otherTables(
  chunks: readonly Chunk[],
  run: Run,
  near: number,
  store: ChunkStore,
): AsyncGenerator<Buffer> {
  const beside = Array.from({ length: MOST_NEIGHBOURS }, (_, n) => [near - n - 1, near + n + 1]);
  const places = [...new Set([run.first, ...beside.flat()])].filter(
    (index) => index >= run.first && index <= run.last && chunks[index] && !chunks[index].isGap,
  );
  for (const index of places) {
    for (const first of WINDOW_BYTES) {
      const beginning = await beginningOf(chunks[index]!, first, store);
      if (beginning) yield beginning;
      if (!beginning || beginning.length < first) break;
    }
  }
}

async function beginningOf(
  chunk: Chunk,
  bytes: number,
  store: ChunkStore,
): Promise<Buffer | undefined> {
  try {
    // Encrypted chunks can only be had whole.
    const file =
      (await store.fetchWindow(chunk, { first: bytes })) ??
      (await store.fetch([chunk])).get(chunk.index);
    if (file === undefined) return undefined;
    const reader = new FileReader();
    try {
      return await reader.read(file, 0, bytes);
    } finally {
      await reader.close();
    }
  } catch (error) {
    if (isNotThere(error)) return undefined;
    throw error;
  }
}
