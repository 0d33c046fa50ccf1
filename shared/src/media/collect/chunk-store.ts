import type { Chunk, Piece } from '../hls/media-playlist.ts';

/** A part of a chunk, in bytes: one end of it, or [start, end). */
export type Window = { first: number } | { last: number } | { start: number; end: number };

/** Where chunks come from. Everything is brought to local disk, in clear. */
export interface ChunkStore {
  /** All that was read so far, in bytes. */
  bytesRead: number;
  /** @returns the files by the chunks' places in the playlist; those that are not there are left out */
  fetch(chunks: readonly Chunk[]): Promise<Map<number, string>>;
  /** @throws PermanentError `CHUNK_NOT_FOUND` */
  fetchInit(init: Piece): Promise<string>;
  /** @returns the file; `undefined` where a chunk can only be had whole */
  fetchWindow(chunk: Chunk, window: Window): Promise<string | undefined>;
}
