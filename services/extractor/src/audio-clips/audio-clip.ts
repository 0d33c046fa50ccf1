import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { TransientError } from '#shared/errors';
import { count } from '#shared/observability/telemetry';
import { type EpisodeSound, findEpisode, soundOf } from '#shared/storage/episodes';
import { lookAt } from '#shared/storage/objects';
import { claimClip, findRecord, noteClip, releaseClip } from './clip-record.ts';
import { type AudioClipWarnings, makeAudioClip, type ReadForClip } from './make-audio-clip.ts';
import { type AudioClipRequest, parseAudioClipRequest, type WantedAudioClip } from './request.ts';

/** An audio clip that is in the bucket. */
export interface AudioClip extends Partial<ReadForClip>, AudioClipWarnings {
  s3Key: string;
  /** Whether it was there, or came there while this call waited for another one that was cutting it. */
  cacheHit: boolean;
  /** From the call to the answer. */
  generationTimeMs: number;
  fileSizeBytes: number;
}

/** What a call gets beside its request. */
export interface AudioClipInvocation {
  signal: AbortSignal;
  /** How long it waits for another call that cuts the same clip. Default 20 s: less than API Gateway waits. */
  patienceMs?: number;
  /** Default: the time of day. */
  clock?: Clock;
}

/** Tells time, and lets it pass. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

const SYSTEM_CLOCK: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) => sleep(ms, undefined, { signal }),
};

const PATIENCE_MS = 20_000;
const LOOK_EVERY_MS = 250;

/**
 * Finds an audio clip in the bucket, or makes it. Of several calls for the same clip, one cuts it:
 *
 *     A: no file ── owner := A ── cuts ── file ── record, no owner ── answers
 *     B: no file ──── owner is A: looks again … and again ──── file ── answers
 *     C: no file ─────────────────────────────────────── owner := C ── file after all ── answers
 *
 * An owner that has died has it for 30 s: then the next one claims it. Should an owner turn out to live after all,
 * both write the same file, of which S3 takes the first.
 * @throws PermanentError when the request, the episode or its media must change first; TransientError
 * `AUDIO_CLIP_NOT_READY` when another call was still cutting it
 */
export async function audioClip(
  request: AudioClipRequest,
  { signal, patienceMs = PATIENCE_MS, clock = SYSTEM_CLOCK }: AudioClipInvocation,
): Promise<AudioClip> {
  const startedAt = clock.now();
  const clip = parseAudioClipRequest(request);
  const answer = ({ sizeBytes, ...read }: Found) => ({
    ...{ s3Key: clip.s3Key, cacheHit: read.reading === undefined },
    ...{ generationTimeMs: clock.now() - startedAt, fileSizeBytes: sizeBytes, ...read },
  });
  const [episode, looked] = await Promise.all([findEpisode(clip), look(clip, signal)]);
  // The episode is this tenant's: only now may anything be said or written.
  const cached = await cachedClip(clip, looked);
  if (cached) return answer(cached);
  const sound = soundOf(episode, clip);
  for (;;) {
    const found = await cutUnlessClaimed(clip, sound, signal, clock);
    if (found) return answer(found);
    if (clock.now() + LOOK_EVERY_MS > startedAt + patienceMs) throw notReady(clip);
    await clock.sleep(LOOK_EVERY_MS, signal);
    const finished = await cachedClip(clip, await look(clip, signal));
    if (finished) return answer(finished);
  }
}

/** A clip in the bucket, and what was read for it if it was cut just now. */
type Found = { sizeBytes: number } & Partial<ReadForClip> & AudioClipWarnings;

/** What bucket and table say of a clip. */
async function look(clip: WantedAudioClip, signal: AbortSignal) {
  const [file, record] = await Promise.all([lookAt(clip.s3Key, signal), findRecord(clip)]);
  return { file, record };
}

/** @returns undefined where there is no file yet */
async function cachedClip(
  clip: WantedAudioClip,
  { file, record }: Awaited<ReturnType<typeof look>>,
): Promise<Found | undefined> {
  if (!file) return undefined;
  const { sizeBytes, lastModified: generatedAt } = file;
  // Whoever made it died before it could say so, or made it for another tenant that has the same episode.
  if (!record) await noteClip(clip, { generatedAt, sizeBytes });
  count('AudioClipCacheHitCount');
  return { sizeBytes, ...(record?.warnings ? { warnings: record.warnings } : {}) };
}

/** @returns undefined where another call is cutting it */
async function cutUnlessClaimed(
  clip: WantedAudioClip,
  sound: EpisodeSound,
  signal: AbortSignal,
  clock: Clock,
): Promise<Found | undefined> {
  const owner = randomUUID();
  if (!(await claimClip(clip, owner, clock.now()))) return undefined;
  try {
    // Between the look and the claim, another one may have finished.
    const finished = await cachedClip(clip, await look(clip, signal));
    if (!finished) return await cut(clip, sound, signal, clock);
    await releaseClip(clip, owner);
    return finished;
  } catch (error) {
    await releaseClip(clip, owner);
    throw error;
  }
}

/** Ends the claim, too: with the record. */
async function cut(
  clip: WantedAudioClip,
  sound: EpisodeSound,
  signal: AbortSignal,
  clock: Clock,
): Promise<Found> {
  const begunAt = clock.now();
  const { fileSizeBytes: sizeBytes, ffmpegMs, ...read } = await makeAudioClip(clip, sound, signal);
  await noteClip(clip, { generatedAt: new Date(clock.now()), sizeBytes, warnings: read.warnings });
  count('AudioClipGenerationTime', clock.now() - begunAt);
  count('FFmpegProcessingTime', ffmpegMs);
  return { sizeBytes, ...read };
}

const notReady = ({ s3Key }: WantedAudioClip) =>
  new TransientError(
    'AUDIO_CLIP_NOT_READY',
    `Another call is still cutting ${s3Key}: ask again in some seconds.`,
  );
