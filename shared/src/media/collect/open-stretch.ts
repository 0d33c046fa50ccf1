import { sequenceParameters } from '../codecs/h264/parameter-sets.ts';
import { hevcPictureFormat } from '../codecs/hevc/picture-format.ts';
import type { MediaWork } from '../ffmpeg/media-work.ts';
import type { Chunk, Run, TrackPlaylist } from '../hls/media-playlist.ts';
import type { Stretch as PlannedStretch } from '../hls/stretches.ts';
import { NotCopyableError } from '../not-copyable.ts';
import type { AudioTrackChoice } from '../output-options.ts';
import type { Expected } from '../source/holds.ts';
import type { ParameterSetList, Size } from '../source/media-index.ts';
import { openSource, type SoundPiece, type SourceFiles } from '../source/open-source.ts';
import type { Container } from '../source/sniff-container.ts';
import { type Source, timesOf } from '../source/source.ts';
import { type Timeline, turnsBetween } from '../source/timeline.ts';
import { type Moments, type Needs, needsOf } from '../source/wanted.ts';
import type { Finding } from '../warnings.ts';
import type { ChunkStore } from './chunk-store.ts';
import { chunkTimesOf } from './chunk-times.ts';
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
  expected: Expected;
  blackSize?: Size;
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
  let foreignLayout: string | undefined;
  for (;;) {
    const files = await extent.files();
    const name = `source-${stretch.first}`;
    const tables = () => otherTables(playlist.chunks, run, stretch.first, store);
    const { audioTrack } = track;
    const isFirst = timeZero === undefined;
    timeZero ??= await timeZeroOfRun(stretch, init, track, work);
    const { initialSets } = timeZero;
    const given = { name, init, ...files, audioTrack, tables, foreignLayout, initialSets };
    const source = await openSource(given, work);
    if (source.sound && 'input' in source.sound) foreignLayout = source.sound.layout;
    extent.note(timesOf(source));
    const aheadUs = extent.startUs - run.startUs;
    const onClock = onEpisodeClock(source, timeZero, aheadUs, run, span);
    const opened = { ...onClock, ...expectedOf(onClock, stretch, timeZero, extent, files) };
    const clock = { skipped: files.soundBefore ? 1 : 0, toPts: opened.moments.to };
    assertOneClock(source, extent.chunks, track, clock);
    if (isFirst && isOff(opened, extent.startUs)) {
      const clocks = { ...track, initialSets };
      const jump = await findBreak(clocks, init, timeZero.chunk, stretch.first, work);
      if (jump) throw new ClockBreak(playlist, [jump]);
    }
    const runZero = opened.zero + ticksOfUs(run.startUs);
    const needs = extent.possible((exhausted) =>
      withLacking(needsOf(opened.timeline, opened.moments, runZero, exhausted), opened, exhausted),
    );
    if (!(await extent.widen(needs, source.container))) return opened;
  }
}

const ABOUT_TICKS = 0.25 * 90_000;

/** What the playlist says is there, and what is not. */
function expectedOf(
  { source, timeline, zero, moments }: Omit<OpenedStretch, 'expected'>,
  { startUs, endUs }: MediaStretch,
  { initialSets }: TimeZero,
  extent: Extent,
  { soundBefore }: Pick<SourceFiles, 'soundBefore'>,
): Pick<OpenedStretch, 'expected' | 'blackSize'> {
  const { chunks } = extent;
  const hasVideo = source.pictures !== undefined || source.lacksFrames || initialSets !== undefined;
  const times = chunkTimesOf(source, chunks.length, soundBefore ? 1 : 0);
  const finite = (ticks: number, us: number) =>
    Number.isFinite(ticks) ? ticks : zero + ticksOfUs(us);
  return {
    expected: {
      hasVideo: hasVideo ?? false,
      listed: { from: finite(moments.from, startUs), to: finite(moments.to, endUs) },
      emptyChunks: chunks.flatMap((chunk, n) => {
        const from = zero + ticksOfUs(chunk.startUs);
        const to = from + ticksOfUs(chunk.durationUs);
        // Where a source does not tell its chunks apart, the playlist does, about.
        const hasFrames = times
          ? times[n]!.frames !== undefined
          : timeline.shown.some((pts) => pts > from - ABOUT_TICKS && pts < to - ABOUT_TICKS);
        return hasFrames ? [] : [{ from, to }];
      }),
    },
    ...(initialSets && !source.pictures ? { blackSize: sizeOfSets(initialSets) } : {}),
  };
}

function sizeOfSets({ sps: [set], vps }: ParameterSetList): Size | undefined {
  if (!set) return undefined;
  try {
    const { width, height } = vps ? hevcPictureFormat(set) : sequenceParameters(set);
    return { width, height };
  } catch (error) {
    if (error instanceof NotCopyableError) return undefined;
    throw error;
  }
}

/** A stretch without frames shows the last one before it; what is heard without audio may lie beside it. */
function withLacking(
  needs: Needs,
  { timeline: { shown }, expected, moments, source }: OpenedStretch,
  exhausted: ReadonlySet<Side>,
): Needs {
  const isLacking = shown.length === 0 && expected.hasVideo && Number.isFinite(moments.from);
  return {
    ...needs,
    ...(isLacking && !exhausted.has('before') ? { picture: 'before' } : {}),
    ...(source.lacksSound && isIndexed(source) ? { sound: SIDES } : {}),
  };
}

/** When a run begins, and which chunk told. */
interface RunZero extends TimeZero {
  chunk: number;
  /** Where that was not its first one. */
  finding?: Finding;
}

/** Whether nothing in the source begins when the playlist says. */
function isOff(
  { timeline, zero }: Pick<OpenedStretch, 'timeline' | 'zero'>,
  startUs: number,
): boolean {
  const starts = [timeline.shown[0], timeline.sound?.starts[0]].filter((one) => one !== undefined);
  const expected = zero + ticksOfUs(startUs);
  return starts.length > 0 && starts.every((pts) => Math.abs(pts - expected) > DRIFT_TICKS);
}

/** So many chunks after a run's first one are tried in its place, and then the stretch's own. */
const MOST_STEPS = 3;

/**
 * When a run begins. Where its first chunk is missing, the nearest one that is there tells: by its clock, less what
 * the playlist lists before it.
 */
async function timeZeroOfRun(
  stretch: MediaStretch,
  init: string | undefined,
  track: TrackChunks,
  work: MediaWork,
): Promise<RunZero> {
  const { playlist, store, missing } = track;
  const run = playlist.runs[stretch.run]!;
  const first = playlist.chunks[run.first]!;
  const near = playlist.chunks.slice(
    run.first,
    Math.min(run.first + MOST_STEPS, stretch.first) + 1,
  );
  for (const chunk of new Set([...near, playlist.chunks[stretch.first]!])) {
    if (chunk.isGap || missing.has(chunk.index)) continue;
    try {
      const { pts, ...told } = await findTimeZero(chunk, init, { playlist, store }, work);
      const initialSets = told.initialSets ?? (await setsBefore(run, init, track, work));
      const zero = { ...told, initialSets, pts: pts - ticksOfUs(chunk.startUs - run.startUs) };
      if (chunk === first) return { ...zero, chunk: chunk.index };
      return { ...zero, chunk: chunk.index, finding: worked(first, chunk) };
    } catch (error) {
      if (!isNotThere(error)) throw error;
    }
  }
  throw chunkNotThere(first);
}

/** A repaired clock is no new encoding: frames may still refer to the parameter sets from before it. */
async function setsBefore(
  { partOf }: Run,
  init: string | undefined,
  { playlist, store, missing }: TrackChunks,
  work: MediaWork,
): Promise<ParameterSetList | undefined> {
  const chunk = partOf === undefined ? undefined : playlist.chunks[partOf]!;
  if (!chunk || chunk.isGap || missing.has(chunk.index)) return undefined;
  try {
    return (await findTimeZero(chunk, init, { playlist, store }, work)).initialSets;
  } catch (error) {
    if (!isNotThere(error)) throw error;
    return undefined;
  }
}

const worked = (first: Chunk, chunk: Chunk): Finding => ({
  code: 'CLOCK_REPAIRED',
  message: `Chunk ${first.index} (${first.key}) is not there, with which the clock begins: times were worked out from chunk ${chunk.index} and the playlist's durations, and are off by what those are rounded.`,
});

/** @param aheadUs how far into the run the source begins, by the playlist */
function onEpisodeClock(
  source: Source,
  { pts, hasSound, finding }: RunZero,
  aheadUs: number,
  run: Run,
  span: Span,
): Omit<OpenedStretch, 'expected'> {
  const timeline = timesOf(source);
  const first = timeline.shown[0] ?? timeline.sound?.starts[0] ?? pts;
  const runZero = pts - turnsBetween(first, pts + ticksOfUs(aheadUs));
  const zero = runZero - ticksOfUs(run.startUs);
  const moments = { from: zero + ticksOfUs(span.fromUs), to: zero + ticksOfUs(span.toUs) };
  const findings = [...(source.findings ?? []), ...(finding ? [finding] : [])];
  const lack = hasSound && !source.sound ? { lacksSound: true } : {};
  return {
    source: { ...source, ...lack, findings },
    timeline,
    moments,
    zero,
  };
}

/** What only FFmpeg reads, it must look into once more for each neighbour. */
const isIndexed = ({ pictures }: Source) => pictures !== undefined && 'track' in pictures;

const SIDES = ['before', 'after'] as const;
type Side = (typeof SIDES)[number];

/** So many neighbours without frames are looked into for one. */
const MOST_BARREN = { before: 5, after: 1 } as const;
/** And so many without audio: GStreamer's muxer writes audio early, at times a chunk's all before it. */
const MOST_SILENT = { before: 2, after: 1 } as const;

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

  /** On which sides there are no more frames, as far as is looked. */
  readonly #exhausted = new Set<Side>();
  readonly #barren = { before: 0, after: 0 };
  #taken?: { side: Side; frames: number };
  #times: Timeline = { shown: [], firstKeyPts: Number.POSITIVE_INFINITY };
  /** Neighbours that are taken for their audio, and how far audio reached before. */
  readonly #sought = new Map<Side, { reach: number; isWhole: boolean }>();
  /** How many whole neighbours in a row had no more audio. */
  readonly #silent = { before: 0, after: 0 };

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

  /** What is needed, without frames on a side where there are none. */
  possible(needs: (exhausted: ReadonlySet<Side>) => Needs): Needs {
    const needed = needs(this.#exhausted);
    if (!needed.picture || this.#neighbour(needed.picture)) return needed;
    this.#exhausted.add(needed.picture);
    return this.possible(needs);
  }

  /** @param times of all its chunks together */
  note(times: Timeline): void {
    this.#times = times;
    for (const [side, { reach, isWhole }] of this.#sought) {
      if (!isWhole) continue;
      this.#sought.delete(side);
      this.#silent[side] = this.#soundReach(side) > reach ? 0 : this.#silent[side] + 1;
    }
    const frames = times.shown.length;
    const taken = this.#taken;
    this.#taken = undefined;
    if (!taken) return;
    if (frames > taken.frames) this.#barren[taken.side] = 0;
    else if (++this.#barren[taken.side] >= MOST_BARREN[taken.side]) this.#exhausted.add(taken.side);
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
    if (picture && this.#takeWhole(picture)) {
      this.#taken = { side: picture, frames: this.#times.shown.length };
      return true;
    }
    let isMore = false;
    for (const side of sound) {
      if (this.#silent[side] >= MOST_SILENT[side]) continue;
      const { reach } = this.#sought.get(side) ?? { reach: this.#soundReach(side) };
      const isPiece = await this.#takePiece(side, container);
      if (!isPiece && !this.#takeWhole(side)) continue;
      this.#sought.set(side, { reach, isWhole: !isPiece });
      isMore = true;
    }
    return isMore;
  }

  /** How far the audio reaches on a side, in ticks; more is further. */
  #soundReach(side: Side): number {
    const { sound } = this.#times;
    if (!sound) return Number.NEGATIVE_INFINITY;
    return side === 'before' ? -(sound.starts[0] ?? sound.endPts) : sound.endPts;
  }

  /** @throws PermanentError `CHUNK_NOT_FOUND` where that is not asked for */
  #doWithout(neighbour: Chunk): void {
    if (!this.track.isOptional) throw chunkNotThere(neighbour);
    this.#absent.add(neighbour.index);
    if (neighbour.index === this.#first) this.#first++;
    else this.#last--;
  }

  #takeWhole(side: Side): boolean {
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

  async #takePiece(side: Side, container: Container): Promise<boolean> {
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

  #neighbour(side: Side): Chunk | undefined {
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
