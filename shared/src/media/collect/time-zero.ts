import { open, readFile } from 'node:fs/promises';
import type { MediaWork } from '../ffmpeg/media-work.ts';
import type { Chunk, TrackPlaylist } from '../hls/media-playlist.ts';
import { timeZeroOfFragment } from '../mp4/time-zero.ts';
import { parseInitialization } from '../mp4/tracks/initialization.ts';
import { NotCopyableError } from '../not-copyable.ts';
import { timeZeroOfPackedAudio } from '../packed-audio/time-zero.ts';
import type { ParameterSetList } from '../source/media-index.ts';
import { openSource } from '../source/open-source.ts';
import { sniffContainer } from '../source/sniff-container.ts';
import { timesOf } from '../source/source.ts';
import { timeZeroOfTransportStream } from '../transport-stream/time-zero.ts';
import type { ChunkStore } from './chunk-store.ts';
import { otherTables } from './other-tables.ts';

/** When a run of chunks begins on its own clock, in ticks of 90 kHz. */
export interface TimeZero {
  pts: number;
  /** The parameter sets it begins with, where they lie in its pictures. */
  initialSets?: ParameterSetList;
  /** Whether there is sound beside the pictures; absent where that is not known. */
  hasSound?: boolean;
}

interface Track {
  playlist: TrackPlaylist;
  store: ChunkStore;
}

/** As a rule the first picture's header lies within the first; an open GOP needs some pictures more. */
const WINDOW_BYTES = [8 * 1024, 128 * 1024, 1024 * 1024];

/**
 * Finds out when a run begins: when the first picture of its first chunk is shown, or the first sound heard.
 * Adding up EXTINF instead would be off by what each was rounded. Only the chunk's beginning is read.
 */
export async function findTimeZero(
  chunk: Chunk,
  initFile: string | undefined,
  track: Track,
  work: MediaWork,
): Promise<TimeZero> {
  const { store } = track;
  const init = initFile ? await readFile(initFile) : undefined;
  try {
    for (const first of WINDOW_BYTES) {
      const file = await store.fetchWindow(chunk, { first });
      if (!file) break;
      const beginning = await readBeginning(file, first);
      const isWhole = beginning.length < first;
      const zero = timeZeroOf(init, beginning, isWhole);
      if (zero) return zero;
      if (isWhole) break;
    }
  } catch (error) {
    // What our own readers do not know, FFmpeg may.
    if (!(error instanceof NotCopyableError)) throw error;
  }
  return timeZeroOfWhole(chunk, initFile, track, work);
}

function timeZeroOf(
  init: Buffer | undefined,
  beginning: Buffer,
  isWhole: boolean,
): TimeZero | undefined {
  const container = sniffContainer(init ?? beginning);
  if (container === 'fmp4' && init) {
    const pts = timeZeroOfFragment(init, beginning);
    return pts === undefined ? undefined : { pts, ...soundAnnouncedIn(init) };
  }
  if (container === 'packed-audio') return atPts(timeZeroOfPackedAudio(beginning));
  const zero = timeZeroOfTransportStream(beginning, isWhole);
  if (!zero) return undefined;
  const { pts, hasSound, ...sets } = zero;
  const told = { pts, ...(hasSound ? { hasSound } : {}) };
  return sets.sps.length > 0 ? { ...told, initialSets: sets } : told;
}

async function readBeginning(file: string, bytes: number): Promise<Buffer> {
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytes), 0, bytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** Chunks of fMP4 may lack audio that their init section describes. */
const soundAnnouncedIn = (init: Buffer): Pick<TimeZero, 'hasSound'> =>
  parseInitialization(init).tracks.some(({ kind }) => kind === 'audio') ? { hasSound: true } : {};

const atPts = (pts: number | undefined) => (pts === undefined ? undefined : { pts });

async function timeZeroOfWhole(
  chunk: Chunk,
  init: string | undefined,
  { playlist, store }: Track,
  work: MediaWork,
): Promise<TimeZero> {
  const tables = () => otherTables(playlist.chunks, playlist.runs[chunk.run]!, chunk.index, store);
  const files = [...(await store.fetch([chunk])).values()];
  const source = await openSource({ name: 'time-zero', init, chunks: files, tables }, work);
  const { shown, sound } = timesOf(source);
  const pts = shown[0] ?? sound?.starts[0] ?? 0;
  const zero = source.sound ? { pts, hasSound: true } : { pts };
  const units = source.pictures && 'track' in source.pictures ? source.pictures.track.units : [];
  const first = units.find(({ sps }) => sps.length > 0);
  if (!first || source.container !== 'mpegts') return zero;
  const { sps, pps, vps } = first;
  return { ...zero, initialSets: { sps, pps, ...(vps ? { vps } : {}) } };
}
