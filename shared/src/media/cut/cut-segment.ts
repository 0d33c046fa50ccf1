import { PermanentError } from '../../errors.ts';
import { isHdr } from '../codecs/colour.ts';
import type { FrameFormat } from '../codecs/frame-format.ts';
import { type Mastering, masteringIn } from '../codecs/mastering.ts';
import { frameAbilities } from '../ffmpeg/abilities.ts';
import { runJobs } from '../ffmpeg/jobs.ts';
import type { MediaWork } from '../ffmpeg/media-work.ts';
import { MediaToolError, stopped } from '../ffmpeg/run.ts';
import { isMediaProblem, type MediaProblem, reasonOf, toolsWords } from '../media-problem.ts';
import { NotCopyableError, UnreadableMediaError } from '../not-copyable.ts';
import { checkFrames } from '../output-check/check-frames.ts';
import { checkLevels } from '../output-check/check-segment.ts';
import { OutputCheckError } from '../output-check-error.ts';
import { DEFAULT_OUTPUT, type OutputOptions } from '../output-options.ts';
import {
  type PlannedSound,
  planSound,
  type SegmentSound,
  type SoundRequest,
} from '../sound/plan-sound.ts';
import { FileReader } from '../source/file-reader.ts';
import type { MediaWarning } from '../warnings.ts';
import { encodingJobs } from './encode-parts.ts';
import { formatsOfSource } from './encoder.ts';
import { makePictures, type SegmentPictures } from './make-pictures.ts';
import type { SegmentPlan } from './parts.ts';
import { planCopying, planEncoding } from './plan-segment.ts';
import { isMedia, type Stretch } from './stretch.ts';

export interface CutRequest extends SoundRequest {
  stretches: readonly Stretch[];
  /** To the frame; from key picture to key picture; to the frame, and all encoded. */
  cut: 'exact' | 'copy' | 'reencode';
  /** Default: {@link DEFAULT_OUTPUT}. */
  output?: OutputOptions;
}

/** How the pictures came into the segment: all copied, some encoded at the ends, or all encoded. */
export type CutMethod = 'copied' | 'smart' | 'reencoded';

export interface CutResult {
  /** As they were cut: copying moves the ends. */
  stretches: readonly Stretch[];
  pictures?: SegmentPictures & { method: CutMethod; reason?: string };
  sound?: SegmentSound;
  /** In what the segment is less than its source. */
  warnings?: readonly MediaWarning[];
}

/**
 * Cuts one segment. Pictures are copied where that is exact; what is unclear about the source makes it be
 * encoded, never guessed.
 * @throws PermanentError `CHUNK_UNDECODABLE`, or TransientError `ABORTED` when the signal fired
 */
export async function cutSegment(request: CutRequest, work: MediaWork): Promise<CutResult> {
  try {
    const hasPictures = request.stretches.some((one) => isMedia(one) && one.wanted.frameCount > 0);
    return hasPictures ? await cutPictures(request, work) : await cutSound(request, work);
  } catch (error) {
    if (work.signal.aborted) throw stopped();
    if (!isMediaProblem(error)) throw error;
    if (error instanceof OutputCheckError) throw notAsItsSource(error);
    throw undecodable(request, error);
  }
}

function undecodable({ stretches }: CutRequest, error: MediaProblem): PermanentError {
  if (error instanceof UnreadableMediaError) {
    const sentence = `The segment cannot be cut exactly: ${error.message}: ${error.advice}.`;
    return new PermanentError('CHUNK_UNDECODABLE', sentence, { cause: error });
  }
  const lacksSize = stretches
    .filter(isMedia)
    .some(({ source: { pictures } }) => pictures && 'input' in pictures && !pictures.size);
  const sentence =
    lacksSize && error instanceof MediaToolError
      ? 'The chunks of the segment do not tell how large their frames are: package the episode again, with the headers of the video in front of each key frame.'
      : `The chunks of the segment cannot be decoded (${reasonOf(error)}): check that a player shows them, and package the episode again.`;
  return new PermanentError('CHUNK_UNDECODABLE', sentence + toolsWords(error), { cause: error });
}

/** There is no other way left to make it. */
const notAsItsSource = (error: OutputCheckError) =>
  new PermanentError(
    'CHUNK_UNDECODABLE',
    `The segment came out other than its source: ${error.message}. Request the clip again; if that does not help, package the episode again.`,
    { cause: error },
  );

async function cutSound(request: CutRequest, work: MediaWork): Promise<CutResult> {
  const { stretches } = request;
  const planned = await planSound(stretches, request, work);
  await makeSound(planned, work);
  return { stretches, sound: planned.sound, warnings: await planned.finish?.() };
}

async function makeSound({ jobs, rescue }: PlannedSound, work: MediaWork): Promise<void> {
  try {
    await runJobs(jobs, work);
  } catch (error) {
    if (!(error instanceof MediaToolError) || !(await rescue?.())) throw error;
  }
}

async function cutPictures(request: CutRequest, work: MediaWork): Promise<CutResult> {
  const { stretches, cut, output = DEFAULT_OUTPUT } = request;
  const formats = stretches.filter(isMedia).flatMap(({ source }) => formatsOfSource(source));
  const abilities = await frameAbilities(formats);
  const mastering = await masteringOf(request, formats);
  const encodeAll = () => planEncoding(stretches, output, abilities, mastering);
  const { plan, reason } = planOf(request, encodeAll);
  const planned = await planSound(plan.stretches, request, work);
  const made = await carryOut(plan, planned, work);
  if (made.pictures) {
    const how = { ...methodOf(plan, cut), ...(reason ? { reason } : {}) };
    const pictures = { ...made.pictures, ...how };
    const warnings = [...made.warnings, ...((await planned.finish?.()) ?? [])];
    return { stretches: plan.stretches, pictures, sound: planned.sound, warnings };
  }
  const { failure, isHeard } = made;
  if (cut === 'reencode' || reason) throw failure;
  // Sound is the same however the pictures are made, unless copying has moved the ends.
  const known = isHeard && cut === 'exact' ? { ...planned, jobs: [] } : undefined;
  const sound = known ?? (await planSound(stretches, request, work));
  const encoding = encodeAll();
  const encoded = await carryOut(encoding, sound, work);
  if (!encoded.pictures) throw encoded.failure;
  const how = { method: 'reencoded' as const, reason: failure.message };
  const pictures = { ...encoded.pictures, ...how };
  const warnings = [...encoded.warnings, ...((await sound.finish?.()) ?? [])];
  return { stretches, pictures, sound: sound.sound, warnings };
}

/** For which screen HDR was made, where it may stay HDR: encoders have to be told. */
async function masteringOf(
  { stretches, output }: CutRequest,
  formats: readonly FrameFormat[],
): Promise<Mastering | undefined> {
  if (!output?.allowHevc || !formats.some(({ colour }) => isHdr(colour))) return undefined;
  const [first] = stretches.filter(isMedia);
  const pictures = first?.source.pictures;
  if (!pictures || !('track' in pictures)) return undefined;
  const { track } = pictures;
  const key = track.units.find(({ isKey }) => isKey);
  const reader = new FileReader();
  try {
    return key && masteringIn(track.codec, await track.read(reader, key));
  } finally {
    await reader.close();
  }
}

/** The plan of what was asked for, or of encoding everything and why. */
function planOf(
  { stretches, cut, output = DEFAULT_OUTPUT }: CutRequest,
  encodeAll: () => SegmentPlan,
): { plan: SegmentPlan; reason?: string } {
  if (cut === 'reencode') return { plan: encodeAll() };
  try {
    return { plan: planCopying(stretches, cut, output) };
  } catch (error) {
    if (!(error instanceof NotCopyableError)) throw error;
    return { plan: encodeAll(), reason: error.message };
  }
}

type Outcome = { isHeard: boolean } & (
  | { pictures: SegmentPictures; warnings: MediaWarning[]; failure?: undefined }
  | { pictures?: undefined; failure: MediaProblem }
);

/** Makes pictures and sound side by side: they are independent until the stitch. */
async function carryOut(
  plan: SegmentPlan,
  planned: PlannedSound,
  work: MediaWork,
): Promise<Outcome> {
  const { jobs } = planned;
  const encoding = encodingJobs(plan, work);
  const pictureJobs = encoding.map(({ job }) => job);
  // Three processes are the most, and one may be needed to encode all in the end: so there are two, or where
  // the source took one, pictures and sound share one.
  const isShared = work.processes > 0;
  const halves = isShared ? [[...pictureJobs, ...jobs]] : inHalves(pictureJobs, jobs.length === 0);
  const encode = () => Promise.all(halves.map((half) => runJobs(half, work)));
  const [sound, pictures] = await Promise.allSettled([
    isShared ? undefined : makeSound(planned, work),
    makePictures(plan, encoding, encode, work),
  ]);
  if (sound.status === 'rejected') throw sound.reason;
  if (isShared && pictures.status === 'rejected' && isForLackOfFrames(pictures.reason)) {
    if (await planned.rescue?.()) return carryOut(plan, { ...planned, jobs: [] }, work);
  }
  const isHeard = !isShared || pictures.status === 'fulfilled';
  try {
    if (pictures.status === 'rejected') throw pictures.reason;
    return {
      pictures: pictures.value,
      warnings: await looksOf(pictures.value, plan, work),
      isHeard,
    };
  } catch (error) {
    if (!isMediaProblem(error)) throw error;
    return { failure: error, isHeard };
  }
}

/** FFmpeg gives up on all that it does where nothing comes out of one decoder. */
const isForLackOfFrames = (error: unknown) =>
  error instanceof MediaToolError &&
  /abuffer|Cannot determine format of input/.test(error.lastLines);

/**
 * Looks at what came out. What is encoded beside copied frames must look like them; where all is encoded, there is no
 * other way left to make it, and a difference is told.
 * @throws OutputCheckError
 */
async function looksOf(
  { file, times }: SegmentPictures,
  plan: SegmentPlan,
  work: MediaWork,
): Promise<MediaWarning[]> {
  checkFrames(times, plan.stretches);
  try {
    await checkLevels(file, plan, work);
    return [...plan.warnings];
  } catch (error) {
    const isMixed = plan.parts.some(({ kind }) => kind === 'copied');
    if (isMixed || !(error instanceof OutputCheckError)) throw error;
    return [
      ...plan.warnings,
      { code: 'LEVELS_CHANGED', message: `The clip differs from its source: ${error.message}.` },
    ];
  }
}

/** Of both ends of a segment, each keeps a core busy. */
function inHalves<Item>(items: readonly Item[], isParted: boolean): Item[][] {
  const half = isParted ? Math.ceil(items.length / 2) : items.length;
  return [items.slice(0, half), items.slice(half)];
}

function methodOf(
  { parts }: SegmentPlan,
  cut: CutRequest['cut'],
): { method: CutMethod; reason?: string } {
  const isCopied = parts.map(({ kind }) => kind === 'copied');
  if (isCopied.every(Boolean)) return { method: 'copied' };
  if (isCopied.some(Boolean)) return { method: 'smart' };
  return cut === 'reencode'
    ? { method: 'reencoded' }
    : { method: 'reencoded', reason: 'the segment holds no IDR picture to copy from' };
}
