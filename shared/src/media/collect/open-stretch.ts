import type { MediaWork } from '../ffmpeg/media-work.ts';
import type { Chunk, Run, TrackPlaylist } from '../hls/media-playlist.ts';
import type { Stretch as PlannedStretch } from '../hls/stretches.ts';
import type { AudioTrackChoice } from '../output-options.ts';
import { openSource, type SoundPiece, type SourceFiles } from '../source/open-source.ts';
import type { Container } from '../source/sniff-container.ts';
import { type Source, timesOf } from '../source/source.ts';
import { type Timeline, turnsBetween } from '../source/timeline.ts';
import { type Moments, type Needs, needsOf } from '../source/wanted.ts';
import type { ChunkStore } from './chunk-store.ts';
import { ClockBreak } from './clock-break.ts';
import { chunkNotThere, isNotThere, notYetAvailable } from './collect-errors.ts';
import { assertOneClock, DRIFT_TICKS, findBreak } from './find-break.ts';
import { otherTables } from './other-tables.ts';
import { fetchSoundPiece, type Neighbour, PIECE_SECONDS } from './sound-piece.ts';
import { findTimeZero, type TimeZero } from './time-zero.ts';

/** Where a track's chunks are, and which of them are not. */
export interface TrackChunks {
  playlist: TrackPlaylist;
  store: ChunkStore;
  missing: ReadonlySet<number>;
  /** Whether to do without chunks that are not there. */
  isOptional: boolean;
  /** Of several audio tracks in the chunks, the one to take. */
  audioTrack?: AudioTrackChoice;
}

/** A stretch of media, as the playlist has it. */
export type MediaStretch = Extract<PlannedStretch, { kind: 'media' }>;

/** What of the episode a stretch shall show, in microseconds; infinite: as far as its chunks reach. */
export interface Span {
  fromUs: number;
  toUs: number;
}

/** The media of a stretch, with all that it needs of neighbouring chunks. */
export interface OpenedStretch {
  source: Source;
  timeline: Timeline;
  moments: Moments;
  /** When the episode begins on the clock of the source, in ticks of 90 kHz. */
  zero: number;
}

export const ticksOfUs = (us: number) => us * 0.09;

/**
 * Fetches the chunks of a stretch, and of its neighbours what the media's own clock shows to be needed.
 * @throws PermanentError `CHUNK_NOT_FOUND` or `CHUNK_UNDECODABLE`, or TransientError
 * `SEGMENT_NOT_YET_AVAILABLE` where a chunk is needed that a growing playlist does not list yet; ClockBreak where the
 * chunks turn out to have more than one clock
 */
export async function openStretch(
  stretch: MediaStretch,
  span: Span,
  track: TrackChunks,
  work: MediaWork,
): Promise<OpenedStretch> {
  const { playlist, store } = track;
  const run = playlist.runs[stretch.run]!;
  const init = run.init && (await store.fetchInit(run.init));
  const extent = new Extent(stretch, run, init, track);
  let timeZero: RunZero | undefined;
  for (;;) {
    const files = await extent.files();
    const name = `source-${stretch.first}`;
    const tables = () => otherTables(playlist.chunks, run, stretch.first, store);
    const { audioTrack } = track;
    const source = await openSource({ name, init, ...files, audioTrack, tables }, work);
    const isFirst = timeZero === undefined;
    timeZero ??= await timeZeroOfRun(stretch, init, track, work);
    const aheadUs = extent.startUs - run.startUs;
    const opened = onEpisodeClock(source, timeZero, aheadUs, run, span);
    const clock = { skipped: files.soundBefore ? 1 : 0, toPts: opened.moments.to };
    assertOneClock(source, extent.chunks, track, clock);
    if (isFirst && isOff(opened, extent.startUs)) {
      const jump = await findBreak(track, init, timeZero.chunk, stretch.first, work);
      if (jump) throw new ClockBreak(playlist, [jump]);
    }
    const needs = needsOf(opened.timeline, opened.moments, opened.zero + ticksOfUs(run.startUs));
    if (!(await extent.widen(needs, source.container))) return opened;
  }
}

/** When a run begins, and which chunk told. */
interface RunZero extends TimeZero {
  chunk: number;
}

/** Whether nothing in the source begins when the playlist says. */
function isOff({ timeline, zero }: OpenedStretch, startUs: number): boolean {
  const starts = [timeline.shown[0], timeline.sound?.starts[0]].filter((one) => one !== undefined);
  const expected = zero + ticksOfUs(startUs);
  return starts.length > 0 && starts.every((pts) => Math.abs(pts - expected) > DRIFT_TICKS);
}

/**
 * Where a run's first chunk may be missing, the stretch's own first chunk tells when the run begins: by its
 * clock, less what the playlist lists before it.
 */
async function timeZeroOfRun(
  stretch: MediaStretch,
  init: string | undefined,
  { playlist, store, missing, isOptional }: TrackChunks,
  work: MediaWork,
): Promise<RunZero> {
  const run = playlist.runs[stretch.run]!;
  const first = playlist.chunks[run.first]!;
  try {
    if (first.isGap || missing.has(first.index)) throw chunkNotThere(first);
    const tables = () => otherTables(playlist.chunks, run, first.index, store);
    return { ...(await findTimeZero(first, init, store, work, tables)), chunk: first.index };
  } catch (error) {
    if (!isNotThere(error)) throw error;
    if (!isOptional) throw chunkNotThere(first);
    const own = playlist.chunks[stretch.first]!;
    const tables = () => otherTables(playlist.chunks, run, own.index, store);
    const { pts } = await findTimeZero(own, init, store, work, tables);
    return { pts: pts - ticksOfUs(own.startUs - run.startUs), chunk: own.index };
  }
}

/** @param aheadUs how far into the run the source begins, by the playlist */
function onEpisodeClock(
  source: Source,
  { pts, initialSets }: TimeZero,
  aheadUs: number,
  run: Run,
  span: Span,
): OpenedStretch {
  const timeline = timesOf(source);
  const first = timeline.shown[0] ?? timeline.sound?.starts[0] ?? pts;
  const runZero = pts - turnsBetween(first, pts + ticksOfUs(aheadUs));
  const zero = runZero - ticksOfUs(run.startUs);
  const moments = { from: zero + ticksOfUs(span.fromUs), to: zero + ticksOfUs(span.toUs) };
  return { source: withInitialSets(source, initialSets), timeline, moments, zero };
}

function withInitialSets(source: Source, initialSets: TimeZero['initialSets']): Source {
  const { pictures } = source;
  if (!initialSets || !pictures || !('track' in pictures)) return source;
  return { ...source, pictures: { track: { ...pictures.track, initialSets } } };
}

/** The chunks of a stretch, which grow by neighbours of the same run. */
class Extent {
  #first: number;
  #last: number;
  readonly #files = new Map<number, string>();
  /** Neighbours that turned out not to be there. */
  readonly #absent = new Set<number>();
  /** How often it was tried to do with a piece of a neighbour. */
  readonly #tries = { before: 0, after: 0 };
  #soundBefore?: SoundPiece;
  #soundAfter?: SoundPiece;

  constructor(
    stretch: MediaStretch,
    private readonly run: Run,
    private readonly init: string | undefined,
    private readonly track: TrackChunks,
  ) {
    this.#first = stretch.first;
    this.#last = stretch.last;
  }

  /** Where its first chunk begins, in microseconds of the episode. */
  get startUs(): number {
    return this.track.playlist.chunks[this.#first]!.startUs;
  }

  get chunks(): Chunk[] {
    return this.track.playlist.chunks.slice(this.#first, this.#last + 1);
  }

  async files(): Promise<Pick<SourceFiles, 'chunks' | 'soundBefore' | 'soundAfter'>> {
    const { store } = this.track;
    const { chunks } = this;
    const lacking = chunks.filter(({ index }) => !this.#files.has(index));
    for (const [index, file] of await store.fetch(lacking)) this.#files.set(index, file);
    const absent = lacking.find(({ index }) => !this.#files.has(index));
    if (absent) {
      this.#doWithout(absent);
      return this.files();
    }
    return {
      chunks: chunks.map(({ index }) => this.#files.get(index)!),
      soundBefore: this.#soundBefore,
      soundAfter: this.#soundAfter,
    };
  }

  /**
   * Takes in what is needed of neighbours, if there are any.
   * @returns whether there is more now
   */
  async widen({ picture, sound }: Needs, container: Container): Promise<boolean> {
    if (picture) return this.#takeWhole(picture);
    let isMore = false;
    for (const side of sound) {
      if ((await this.#takePiece(side, container)) || this.#takeWhole(side)) isMore = true;
    }
    return isMore;
  }

  /** @throws PermanentError `CHUNK_NOT_FOUND` where that is not asked for */
  #doWithout(neighbour: Chunk): void {
    if (!this.track.isOptional) throw chunkNotThere(neighbour);
    this.#absent.add(neighbour.index);
    if (neighbour.index === this.#first) this.#first++;
    else this.#last--;
  }

  #takeWhole(side: 'before' | 'after'): boolean {
    if (!this.#neighbour(side)) return false;
    if (side === 'before') {
      this.#first--;
      this.#soundBefore = undefined;
    } else {
      this.#last++;
      this.#soundAfter = undefined;
    }
    return true;
  }

  async #takePiece(side: 'before' | 'after', container: Container): Promise<boolean> {
    const chunk = this.#neighbour(side);
    const beside = this.#files.get(side === 'before' ? this.#first : this.#last);
    const end = side === 'before' ? 'last' : 'first';
    const seconds = PIECE_SECONDS[end][this.#tries[side]++];
    if (!chunk || !beside || !seconds) return false;
    const { store, isOptional, audioTrack } = this.track;
    const neighbour: Neighbour = { chunk, end, beside, init: this.init, audioTrack };
    const piece = await fetchSoundPiece(container, neighbour, seconds, store).catch((error) => {
      if (!isNotThere(error)) throw error;
      if (!isOptional) throw chunkNotThere(chunk);
      this.#absent.add(chunk.index);
    });
    if (!piece) return false;
    if (side === 'before') this.#soundBefore = piece;
    else this.#soundAfter = piece;
    return true;
  }

  #neighbour(side: 'before' | 'after'): Chunk | undefined {
    const { playlist, missing } = this.track;
    const index = side === 'before' ? this.#first - 1 : this.#last + 1;
    const isInRun = index >= this.run.first && index <= this.run.last;
    const isNext = side === 'after' && index === playlist.chunks.length;
    if (isNext && !playlist.isEnded) throw notYetAvailable();
    const chunk = isInRun ? playlist.chunks[index] : undefined;
    if (chunk?.isGap && !this.track.isOptional) throw chunkNotThere(chunk);
    const isThere = chunk && !chunk.isGap && !missing.has(index) && !this.#absent.has(index);
    return isThere ? chunk : undefined;
  }
}
