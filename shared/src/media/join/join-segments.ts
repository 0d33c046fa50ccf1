import { join } from 'node:path';
import { PermanentError } from '../../errors.ts';
import { isSameColour } from '../codecs/colour.ts';
import { PLAIN_TARGET } from '../cut/frame-target.ts';
import type { MediaWork } from '../ffmpeg/media-work.ts';
import { stopped } from '../ffmpeg/run.ts';
import { isMediaProblem, reasonOf, toolsWords } from '../media-problem.ts';
import { NotCopyableError } from '../not-copyable.ts';
import { checkJoins, type Depths } from '../output-check/check-joins.ts';
import { OutputCheckError } from '../output-check-error.ts';
import type { MediaWarning } from '../warnings.ts';
import { type AlikeSegments, alikeSegments } from './alike-segments.ts';
import { encodeClip } from './encode-clip.ts';
import { type InspectedClip, inspectClip } from './inspect-clip.ts';
import { joinedPictures } from './joined-pictures.ts';
import { copiedSound, exactSound, type JoinedSound } from './joined-sound.ts';
import { boundariesOf, type SegmentFiles } from './segment-files.ts';
import { writeClip } from './write-clip.ts';

export interface JoinResult {
  clipFile: string;
  frameCount: number;
  durationTicks: number;
  method: 'copied' | 'reencoded';
  /** Why the picture had to be encoded again. */
  reason?: string;
  audio?: 'exact' | 'copied';
  segments: JoinedSegment[];
  /** In what the clip is less than its segments, each with the segment it concerns. */
  warnings?: readonly (MediaWarning & { segmentIndex: number })[];
}

/** A segment as the finished file holds it, in ticks of 90 kHz. */
export interface JoinedSegment {
  /** Where it begins in the clip. */
  startTicks: number;
  /** How late its sound is, beyond what the source's own may be; absent without pictures or sound. */
  avOffsetTicks?: number;
}

/**
 * Joins segments into one MP4. The picture is copied; when the segments do not fit together, or what comes
 * out is not what should, the picture is encoded once more. The sound is encoded once over the whole clip,
 * so there is no encoder's priming at a join; or, where all segments have brought their AAC frames, copied.
 * @throws PermanentError `STITCH_FAILED` when re-encoding fails, too, or TransientError `ABORTED` when the
 * signal fired
 */
export async function joinSegments(
  segments: readonly SegmentFiles[],
  work: MediaWork,
): Promise<JoinResult> {
  assertOneKind(segments);
  let reason = 'they differ';
  try {
    const alike = await alikeSegments(segments, work);
    try {
      const sound = await soundOf(segments, work);
      const made = await joinBy('copied', alike, sound, work);
      const how = alike.reason ? { method: 'reencoded' as const, reason: alike.reason } : {};
      return { ...made, ...how };
    } catch (error) {
      if (work.signal.aborted) throw stopped();
      if (!isMediaProblem(error)) throw error;
      reason = reasonOf(error);
      const sound = await soundOf(segments, work);
      const made = await joinBy('reencoded', alike, sound, work);
      return { ...made, reason };
    }
  } catch (error) {
    if (work.signal.aborted) throw stopped();
    if (!isMediaProblem(error)) throw error;
    throw new PermanentError(
      'STITCH_FAILED',
      `The segments cannot be joined, neither by copying (${reason}) nor by re-encoding (${reasonOf(error)}): request the clip again.${toolsWords(error)}`,
      { cause: error },
    );
  }
}

/** Where some segments have frames and others none, no clip could show what was asked for. */
function assertOneKind(segments: readonly SegmentFiles[]): void {
  const without = segments.findIndex(({ videoFile }) => !videoFile);
  if (without === -1 || segments.every(({ videoFile }) => !videoFile)) return;
  throw new PermanentError(
    'STITCH_FAILED',
    `Segment ${without} of the clip holds audio alone, others hold frames: ask for a clip of each kind.`,
  );
}

async function soundOf(
  segments: readonly SegmentFiles[],
  work: MediaWork,
): Promise<JoinedSound | undefined> {
  if (segments.every(({ sound }) => !sound)) return undefined;
  if (segments.some(({ sound }) => sound?.audio !== 'copied')) return exactSound(segments, work);
  try {
    return await copiedSound(segments);
  } catch (error) {
    if (!(error instanceof NotCopyableError)) throw error;
    return await exactSound(segments, work);
  }
}

async function joinBy(
  method: JoinResult['method'],
  alike: AlikeSegments,
  sound: JoinedSound | undefined,
  work: MediaWork,
): Promise<JoinResult> {
  const { segments } = alike;
  const clipFile = join(work.folder, 'clip.mp4');
  const endTicks = boundariesOf(segments).at(-1)!;
  const isCopied = method === 'copied' && segments.every(({ videoFile }) => videoFile);
  let times: readonly number[] | undefined;
  if (isCopied) times = await copyClip(clipFile, segments, sound, work);
  else await encodeClip(clipFile, segments, sound, alike, work);
  const made = await inspectClip(clipFile);
  assertAsGiven(made, segments, times, sound);
  const depths = depthsOf(alike, isCopied);
  const warnings = depths ? await checkJoins(clipFile, segments, made.times, depths, work) : [];
  // Copied frames can be encoded instead; there is no third way.
  if (isCopied && warnings[0]) throw new OutputCheckError(warnings[0].message);
  return {
    clipFile,
    frameCount: made.times.length,
    durationTicks: endTicks,
    method,
    ...(sound ? { audio: sound.audio } : {}),
    segments: measured(made, segments, sound),
    warnings: [...(isCopied ? alike.warnings : alike.losses), ...warnings],
  };
}

/** Nothing where levels change on purpose, as from HDR to SDR. */
function depthsOf(
  { from, target = PLAIN_TARGET }: AlikeSegments,
  isCopied: boolean,
): Depths | undefined {
  const segments = from?.bitDepth ?? target.bitDepth;
  if (isCopied) return { clip: segments, segments };
  const isMapped = from && !isSameColour(from.colour, target.colour);
  return isMapped ? undefined : { clip: target.bitDepth, segments };
}

/**
 * @returns when the pictures should be shown. What else is known of them is let go before the file is looked at: of an
 * hour, either takes 100 MB.
 */
async function copyClip(
  clipFile: string,
  segments: readonly SegmentFiles[],
  sound: JoinedSound | undefined,
  { signal }: MediaWork,
): Promise<readonly number[]> {
  const pictures = await joinedPictures(segments);
  const endTicks = boundariesOf(segments).at(-1)!;
  await writeClip(clipFile, { pictures, sound, endTicks }, signal);
  return pictures.times;
}

/** The finished file is looked at, not taken for granted. @throws OutputCheckError */
function assertAsGiven(
  made: InspectedClip,
  segments: readonly SegmentFiles[],
  times: readonly number[] | undefined,
  sound: JoinedSound | undefined,
): void {
  const frameCount = segments.reduce((sum, segment) => sum + segment.frameCount, 0);
  if (made.times.length !== frameCount) {
    throw new OutputCheckError(`it has ${made.times.length} frames instead of ${frameCount}`);
  }
  if (!made.isInOrder) throw new OutputCheckError('its frames are out of order');
  if (times?.some((time, n) => time !== made.times[n])) {
    throw new OutputCheckError('its frames are not at the times that were given');
  }
  if (sound) assertAsLong(made, boundariesOf(segments).at(-1)!, sound);
}

/** Audio may be a frame longer or shorter than the clip, for copied frames are whole; no more. */
function assertAsLong({ sound }: InspectedClip, endTicks: number, { clock }: JoinedSound): void {
  const frameTicks = (clock.frameSamples * 90_000) / clock.rate;
  const off = (sound?.endTicks ?? 0) - endTicks;
  if (Math.abs(off) <= frameTicks) return;
  const [ms, than] = [Math.round(Math.abs(off) / 90), off > 0 ? 'longer' : 'shorter'];
  throw new OutputCheckError(`its audio is ${ms} ms ${than} than its frames`);
}

/** Where segments and their sound are in the finished file. */
function measured(
  made: InspectedClip,
  segments: readonly SegmentFiles[],
  sound: JoinedSound | undefined,
): JoinedSegment[] {
  const boundaries = boundariesOf(segments);
  let frames = 0;
  return segments.map(({ frameCount, sound: own }, n) => {
    const startTicks = frameCount > 0 ? made.times[frames]! : boundaries[n]!;
    frames += frameCount;
    if (!own || !sound || !made.sound || frameCount === 0) return { startTicks };
    const soundTicks = made.sound.startTicks + boundaries[n]! + sound.offsets[n]!;
    return { startTicks, avOffsetTicks: soundTicks - startTicks };
  });
}
