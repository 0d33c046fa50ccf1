import * as z from 'zod';
import { PermanentError } from '#shared/errors';
import { describe } from '#shared/events/define-event';
import { idSchema, tenantIdSchema } from '#shared/ids';
import { type AudioClipIds, objectKeys } from '#shared/keys';
import { configuredAudioClipLimits } from '#shared/limits';
import { formatTime } from '#shared/time';

const requestSchema = z.object({
  tenantId: tenantIdSchema,
  episodeId: idSchema,
  startMs: z.int().nonnegative(),
  durationMs: z.int().positive(),
});

/** An audio clip as it is asked for. It need not fit: that is checked. */
export type AudioClipRequest = z.output<typeof requestSchema>;

/** An audio clip that may be made. */
export interface WantedAudioClip extends AudioClipIds {
  s3Key: string;
}

/** @throws PermanentError `AUDIO_CLIP_INVALID` */
export function parseAudioClipRequest(request: AudioClipRequest): WantedAudioClip {
  const parsed = requestSchema.safeParse(request);
  if (!parsed.success) throw invalid(`does not fit: ${describe(parsed.error)}`);
  const { startMs, durationMs, ...ids } = parsed.data;
  const { minMs, maxMs } = configuredAudioClipLimits();
  if (durationMs < minMs || durationMs > maxMs) {
    throw invalid(`must be ${minMs} to ${maxMs} ms long, not ${durationMs}`);
  }
  const clip = { ...ids, startMs, endMs: startMs + durationMs };
  return { ...clip, s3Key: objectKeys.audioClip(clip) };
}

const invalid = (problem: string) =>
  new PermanentError('AUDIO_CLIP_INVALID', `The audio clip ${problem}.`);

/** An audio clip was asked for that ends later than its episode. */
export class PastEndError extends PermanentError {
  constructor(
    { startMs, endMs }: WantedAudioClip,
    readonly episodeDurationMs: number,
  ) {
    const clip = `${formatTime(startMs)}–${formatTime(endMs)}`;
    const end = `${formatTime(episodeDurationMs)} (${episodeDurationMs} ms)`;
    super(
      'AUDIO_CLIP_PAST_END',
      `The audio clip ${clip} ends past the end of the episode, which is ${end} long: ask for an earlier one.`,
    );
  }
}

/** @throws PastEndError */
export function assertInside(clip: WantedAudioClip, episodeDurationMs: number): void {
  if (clip.endMs > episodeDurationMs) throw new PastEndError(clip, episodeDurationMs);
}
