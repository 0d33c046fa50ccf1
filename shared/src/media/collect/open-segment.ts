import { stat } from 'node:fs/promises';
import { PermanentError } from '../../errors.ts';
import { isMedia, type Stretch } from '../cut/stretch.ts';
import type { MediaWork } from '../ffmpeg/media-work.ts';
import { type ChunkRange, chunksOf } from '../hls/chunk-range.ts';
import type { TrackPlaylist } from '../hls/media-playlist.ts';
import { type Stretch as PlannedStretch, planStretches } from '../hls/stretches.ts';
import type { AudioTrackChoice } from '../output-options.ts';
import { wantedWithHolds } from '../source/holds.ts';
import type { Wanted } from '../source/wanted.ts';
import { distinctWarnings, findingWarnings, type MediaWarning } from '../warnings.ts';
import type { ChunkStore } from './chunk-store.ts';
import { chunkNotThere } from './collect-errors.ts';
import { lackWarnings, undecodableBegin } from './lacks.ts';
import { type OpenedSound, openSound } from './open-sound.ts';
import { type MediaStretch, type OpenedStretch, openStretch } from './open-stretch.ts';
import { type ClockRepair, repairWarnings, withRepairedClocks } from './repaired-clocks.ts';

export interface SegmentRequest {
  startMs: number;
  endMs: number;
  /** What becomes of missing chunks: an error, nothing, or black pictures and silence. */
  gaps: 'fail' | 'skip' | 'black';
  /** Of several audio tracks in the chunks, the one to take; absent: the first. */
  audioTrack?: AudioTrackChoice;
}

/** A playlist, and where its chunks are. */
export interface Rendition {
  playlist: TrackPlaylist;
  store: ChunkStore;
}

/** A stretch of media, ready to be cut. */
export interface WantedStretch extends OpenedStretch {
  wanted: Wanted;
}

/** All that a segment is made of, on local disk. */
export interface OpenedSegment {
  stretches: Stretch[];
  /** The media among them, with their clocks. */
  media: WantedStretch[];
  /** The chunks that the segment overlaps, and their size; where sound has a playlist of its own, with its chunks. */
  chunks: ChunkRange & { bytes: number };
  gaps: { chunk: number; startMs: number; endMs: number }[];
  /** In what the source is less than what was asked for. */
  warnings: MediaWarning[];
}

/**
 * Brings a segment's chunks to local disk and finds what of them is wanted.
 * @throws PermanentError or TransientError when the request does not fit the episode, or the episode is not
 * as it should be
 */
export function openSegment(
  request: SegmentRequest,
  picture: Rendition,
  sound: Rendition | undefined,
  work: MediaWork,
): Promise<OpenedSegment> {
  return withRepairedClocks(picture, sound, work, (pictureRuns, soundRuns, repairs) =>
    openRuns(request, { picture: pictureRuns, sound: soundRuns, repairs }, work),
  );
}

interface Renditions {
  picture: Rendition;
  sound: Rendition | undefined;
  repairs: readonly ClockRepair[];
}

async function openRuns(
  request: SegmentRequest,
  { picture, sound, repairs }: Renditions,
  work: MediaWork,
): Promise<OpenedSegment> {
  const { planned, missing, files } = await fetchPlanned(request, picture);
  const isOptional = request.gaps !== 'fail';
  const last = planned.length - 1;
  const opened = new Map<PlannedStretch, WantedStretch>();
  const overlapped = [...files.values()];
  for (const [n, stretch] of planned.entries()) {
    if (stretch.kind === 'gap') continue;
    // Where a stretch borders on another, it is shown as far as its chunks reach.
    const span = {
      fromUs: n === 0 ? stretch.startUs : Number.NEGATIVE_INFINITY,
      toUs: n === last ? stretch.endUs : Number.POSITIVE_INFINITY,
    };
    // Of audio with a playlist of its own, that is what was chosen.
    const audioTrack = sound ? undefined : request.audioTrack;
    const track = { ...picture, missing, isOptional, audioTrack };
    const media = await openStretch(stretch, span, track, work);
    const wanted = wantedOrNothing(media, planned.length > 1);
    if (!wanted) continue;
    const heard = sound && (await soundOf({ ...media, wanted }, stretch, request, sound, work));
    opened.set(stretch, heard ? withSound({ ...media, wanted }, heard) : { ...media, wanted });
    overlapped.push(...(heard?.overlapped ?? []));
  }
  if (opened.size === 0) throw nothingLeft(request, picture.playlist);
  const sizes = await Promise.all(overlapped.map(async (file) => (await stat(file)).size));
  const gaps = planned.flatMap((stretch) =>
    stretch.kind === 'gap'
      ? [{ chunk: stretch.chunk, startMs: ms(stretch.startUs), endMs: ms(stretch.endUs) }]
      : [],
  );
  return {
    stretches: stretchesOf(planned, opened, request),
    media: [...opened.values()],
    chunks: {
      ...chunksOf(picture.playlist, request.startMs, request.endMs),
      bytes: sizes.reduce((sum, size) => sum + size, 0),
    },
    gaps,
    warnings: distinctWarnings([
      ...repairWarnings(repairs, request),
      ...[...opened.values()].flatMap((one) => findingWarnings(one.source.findings, one)),
      ...lackWarnings([...opened.values()]),
    ]),
  };
}

const ms = (us: number) => Math.round(us / 1000);

/** Plans, fetches, and plans again where chunks turn out not to be there. */
async function fetchPlanned(
  { startMs, endMs, gaps }: SegmentRequest,
  { playlist, store }: Rendition,
) {
  const missing = new Set<number>();
  for (;;) {
    const planned = planStretches(playlist, startMs, endMs, missing);
    const gap = planned.find((stretch) => stretch.kind === 'gap');
    if (gap && gaps === 'fail') throw chunkNotThere(playlist.chunks[gap.chunk]!);
    const chunks = planned.flatMap((stretch) =>
      stretch.kind === 'media' ? playlist.chunks.slice(stretch.first, stretch.last + 1) : [],
    );
    const files = await store.fetch(chunks);
    const lacking = chunks.filter(({ index }) => !files.has(index));
    if (lacking.length === 0) return { planned, missing, files };
    for (const { index } of lacking) missing.add(index);
  }
}

/** A segment may end just behind the border of a run, before the first picture there. */
function wantedOrNothing(opened: OpenedStretch, isOneOfMany: boolean) {
  const { timeline, moments, expected } = opened;
  try {
    return wantedWithHolds(timeline, moments, expected);
  } catch (error) {
    const isEmpty = error instanceof PermanentError && error.code === 'SEGMENT_EMPTY';
    if (isEmpty && isOneOfMany) return undefined;
    throw (isEmpty && undecodableBegin(opened)) || error;
  }
}

function soundOf(
  { wanted, zero }: WantedStretch,
  { run }: MediaStretch,
  { gaps }: SegmentRequest,
  sound: Rendition,
  work: MediaWork,
): Promise<OpenedSound> {
  const track = { ...sound, missing: new Set<number>(), isOptional: gaps !== 'fail' };
  return openSound(track, { wanted, zero, run }, work);
}

/** Sound of a playlist of its own takes the place of what lies beside the pictures. */
function withSound(
  stretch: WantedStretch,
  { source: sound, findings }: OpenedSound,
): WantedStretch {
  const { sound: _muxed, lacksSound: _lack, ...silent } = stretch.source;
  const all = [...(silent.findings ?? []), ...(findings ?? [])];
  const source = { ...silent, ...(all.length > 0 ? { findings: all } : {}) };
  return { ...stretch, source: sound ? { ...source, sound } : source };
}

/** What is to be cut, with black pictures for as long as chunks are missing if that is asked for. */
function stretchesOf(
  planned: readonly PlannedStretch[],
  opened: ReadonlyMap<PlannedStretch, WantedStretch>,
  { startMs, endMs, gaps }: SegmentRequest,
): Stretch[] {
  if (gaps !== 'black') return [...opened.values()];
  const stretches: Stretch[] = [];
  // Episode time that is covered so far, in ticks.
  let covered = startMs * 90;
  let isGap = false;
  for (const stretch of planned) {
    const media = opened.get(stretch);
    if (!media) {
      isGap = true;
      continue;
    }
    const start = media.wanted.firstPts - media.zero;
    if (isGap) stretches.push({ blackTicks: Math.round(start - covered) });
    stretches.push(media);
    covered = media.wanted.endPts - media.zero;
    isGap = false;
  }
  if (isGap) stretches.push({ blackTicks: Math.round(endMs * 90 - covered) });
  return stretches.filter((stretch) => isMedia(stretch) || stretch.blackTicks > 0);
}

function nothingLeft({ startMs, endMs }: SegmentRequest, playlist: TrackPlaylist): PermanentError {
  const { first } = chunksOf(playlist, startMs, endMs);
  return chunkNotThere(playlist.chunks[first]!);
}
