import type { SoundStretch } from '../cut/stretch.ts';
import type { MediaWork } from '../ffmpeg/media-work.ts';
import type { TrackPlaylist } from '../hls/media-playlist.ts';
import { planStretches } from '../hls/stretches.ts';
import { distinctWarnings, type Finding, findingWarnings, type MediaWarning } from '../warnings.ts';
import { openSegment, type Rendition } from './open-segment.ts';
import { openSound } from './open-sound.ts';
import { ticksOfUs } from './open-stretch.ts';
import { repairWarnings, withRepairedClocks } from './repaired-clocks.ts';
import { findTimeZero } from './time-zero.ts';

/** The moments of an episode that are to be heard, half-open. */
export interface HeardMoments {
  startMs: number;
  endMs: number;
}

/** The audio of such moments. */
export interface OpenedHeard {
  /** They begin and end with the moments; some may have no audio. */
  stretches: SoundStretch[];
  /** In what the source is less than what was asked for, as far as that is known before it is decoded. */
  warnings: MediaWarning[];
}

/**
 * Brings the sound of a track to local disk for moments that are not tied to any picture. Pictures are read only
 * where the sound lies beside them; where it has a playlist of its own, they only tell when the episode begins.
 * @throws PermanentError or TransientError as `openSegment`
 */
export function openHeard(
  moments: HeardMoments,
  picture: Rendition,
  sound: Rendition | undefined,
  work: MediaWork,
): Promise<OpenedHeard> {
  if (!sound) return openBeside(moments, picture, work);
  return withRepairedClocks(picture, sound, work, async (pictureRuns, soundRuns, repairs) => {
    const stretches = await openApart(moments, pictureRuns, soundRuns!, work);
    return { stretches, warnings: warningsOf(stretches, repairWarnings(repairs, moments)) };
  });
}

/** Those that concern what is heard. */
function warningsOf(
  stretches: readonly Heard[],
  repaired: readonly MediaWarning[],
): MediaWarning[] {
  const found = stretches.flatMap(({ source, ...stretch }) =>
    findingWarnings(source.findings?.filter(isOfAudio), stretch),
  );
  return distinctWarnings([...repaired, ...found]);
}

const isOfAudio = ({ code, isAudio }: Finding) =>
  isAudio || ['AUDIO_MISSING', 'AUDIO_LOST', 'TRACK_SUBSTITUTED', 'CLOCK_REPAIRED'].includes(code);

type Heard = SoundStretch & { zero: number };

/** As a segment is opened; but that begins and ends with a picture. */
async function openBeside(
  moments: HeardMoments,
  picture: Rendition,
  work: MediaWork,
): Promise<OpenedHeard> {
  const { media, warnings } = await openSegment(
    { ...moments, gaps: 'fail' },
    picture,
    undefined,
    work,
  );
  const stretches = media.map(({ source, zero, wanted, moments: { from, to } }) => ({
    source,
    zero,
    wanted: {
      // Where a stretch borders on another, it is heard as far as it is shown.
      firstPts: Number.isFinite(from) ? Math.round(from) : wanted.firstPts,
      endPts: Number.isFinite(to) ? Math.round(to) : wanted.endPts,
    },
  }));
  const repaired = warnings.filter(({ code }) => code === 'CLOCK_REPAIRED');
  return { stretches, warnings: warningsOf(stretches, repaired) };
}

async function openApart(
  { startMs, endMs }: HeardMoments,
  picture: Rendition,
  sound: Rendition,
  work: MediaWork,
): Promise<Heard[]> {
  const track = { ...sound, missing: new Set<number>(), isOptional: false };
  const stretches: Heard[] = [];
  for (const { run, startUs, endUs } of runsOf(picture.playlist, startMs, endMs)) {
    const zero = await episodeBegin(run, picture, work);
    const wanted = {
      firstPts: Math.round(zero + ticksOfUs(startUs)),
      endPts: Math.round(zero + ticksOfUs(endUs)),
      frameCount: 0,
    };
    const { source: sound, findings } = await openSound(track, { wanted, zero, run }, work);
    stretches.push({ source: sound ? { sound, findings } : { lacksSound: true }, wanted, zero });
  }
  return stretches;
}

/** The runs that the moments lie in. Chunks of pictures may be missing: nobody looks at them. */
function runsOf(playlist: TrackPlaylist, startMs: number, endMs: number) {
  const runs: { run: number; startUs: number; endUs: number }[] = [];
  for (const stretch of planStretches(playlist, startMs, endMs, new Set())) {
    const { startUs, endUs } = stretch;
    const run = stretch.kind === 'media' ? stretch.run : playlist.chunks[stretch.chunk]!.run;
    const last = runs.at(-1);
    if (last?.run === run) last.endUs = endUs;
    else runs.push({ run, startUs, endUs });
  }
  return runs;
}

/** When the episode begins on the clock of a run, in ticks. */
async function episodeBegin(index: number, { playlist, store }: Rendition, work: MediaWork) {
  const run = playlist.runs[index]!;
  const init = run.init && (await store.fetchInit(run.init));
  const { pts } = await findTimeZero(playlist.chunks[run.first]!, init, { playlist, store }, work);
  return pts - ticksOfUs(run.startUs);
}
