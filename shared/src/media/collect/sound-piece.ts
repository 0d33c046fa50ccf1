import { open, readFile, stat } from 'node:fs/promises';
import type { Chunk } from '../hls/media-playlist.ts';
import { type SoundNear, soundNear } from '../mp4/fragments/sound-near.ts';
import { chooseAudioTrack } from '../mp4/tracks/choose-track.ts';
import { parseInitialization } from '../mp4/tracks/initialization.ts';
import { NotCopyableError } from '../not-copyable.ts';
import type { AudioTrackChoice } from '../output-options.ts';
import type { SoundPiece } from '../source/open-source.ts';
import type { Container } from '../source/sniff-container.ts';
import type { ChunkStore } from './chunk-store.ts';

// A segment that begins or ends with a chunk needs a little of the sound that lies in the chunk beside it:
// an AAC decoder starts a frame early, and muxers put sound behind the pictures it is heard with.

/**
 * How many seconds of a neighbouring chunk are read, and where that was not enough, how many then. Where an
 * MPEG-TS chunk begins, a key picture as large as many others comes before the sound.
 */
export const PIECE_SECONDS = { first: [0.6, 1.2], last: [0.35, 0.9] } as const;

/** A chunk beside those of a segment. */
export interface Neighbour {
  chunk: Chunk;
  /** Which end of it is next to the segment. */
  end: 'first' | 'last';
  /** The segment's own chunk beside it. */
  beside: string;
  init?: string;
  /** Of several audio tracks, the one that is taken. */
  audioTrack?: AudioTrackChoice;
}

/**
 * Fetches a piece of a neighbouring chunk for the sound in it.
 * @param seconds of it, about
 * @returns nothing where the sound can only be had with the whole chunk
 * @throws PermanentError `CHUNK_NOT_FOUND`
 */
export async function fetchSoundPiece(
  container: Container,
  neighbour: Neighbour,
  seconds: number,
  store: ChunkStore,
): Promise<SoundPiece | undefined> {
  if (container === 'mpegts') return fetchPackets(neighbour, seconds, store);
  return container === 'fmp4' ? fetchSamples(neighbour, seconds, store) : undefined;
}

const PACKET_BYTES = 188;
const LEAST_PACKETS = 64;

/** So many seconds of a chunk like the one beside it, in whole packets. */
async function fetchPackets(
  { chunk, end, beside }: Neighbour,
  seconds: number,
  store: ChunkStore,
): Promise<SoundPiece | undefined> {
  const wanted = ((await stat(beside)).size * seconds) / (chunk.durationUs / 1e6);
  const bytes = Math.max(LEAST_PACKETS, Math.ceil(wanted / PACKET_BYTES)) * PACKET_BYTES;
  const path = await store.fetchWindow(chunk, end === 'first' ? { first: bytes } : { last: bytes });
  return path === undefined ? undefined : { path };
}

/** What precedes the media of a chunk: 15 KB of it describe 10 seconds at 60 Hz. */
const DESCRIPTION_BYTES = [16 * 1024, 128 * 1024];

async function fetchSamples(
  { chunk, end, init, audioTrack }: Neighbour,
  seconds: number,
  store: ChunkStore,
): Promise<SoundPiece | undefined> {
  if (!init) return undefined;
  const description = await readFile(init);
  if (unlessUnknown(() => isForeign(description, audioTrack)) !== false) return undefined;
  for (const first of DESCRIPTION_BYTES) {
    const path = await store.fetchWindow(chunk, { first });
    if (!path) return undefined;
    const beginning = await readFile(path);
    // The chunk is that short, or was fetched whole before.
    if (beginning.length !== first) return { path };
    const found = unlessUnknown(() =>
      soundNear(end, description, beginning, seconds, chunk.durationUs / 1e6, audioTrack),
    );
    if (!found) continue;
    const samples = await store.fetchWindow(chunk, found.sound);
    if (!samples) return undefined;
    await complete(path, samples, found);
    return { path, sound: found.sound };
  }
  return undefined;
}

/** What FFmpeg must read, it reads of whole chunks. */
function isForeign(init: Buffer, choice: AudioTrackChoice | undefined): boolean {
  return !chooseAudioTrack(parseInitialization(init).tracks, choice).track?.sound;
}

function unlessUnknown<T>(find: () => T | undefined): T | undefined {
  try {
    return find();
  } catch (error) {
    if (error instanceof NotCopyableError) return undefined;
    throw error;
  }
}

/** Makes the beginning of a chunk a file of its first fragment, of which only some sound is there. */
async function complete(path: string, samples: string, { sound, fragmentEnd }: SoundNear) {
  const handle = await open(path, 'r+');
  try {
    await handle.write(await readFile(samples), 0, undefined, sound.start);
    await handle.truncate(fragmentEnd);
  } finally {
    await handle.close();
  }
}
