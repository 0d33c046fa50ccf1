import { type AudioClipIds, tableKeys } from '#shared/keys';
import { deleteItem, getItem, updateItem } from '#shared/storage/items';
import type { AudioClipWarnings } from './make-audio-clip.ts';
import type { WantedAudioClip } from './request.ts';

/** What the table says about an audio clip, under the names that its readers know. */
export interface AudioClipRecord extends AudioClipWarnings {
  episode_id: string;
  clip_start_ms: number;
  clip_end_ms: number;
  s3_key: string;
  /** ISO 8601. */
  generated_at: string;
  file_size_bytes: number;
}

/**
 * How long a claim holds: a function that somebody waits for is given no longer than 30 s by API Gateway. Where a
 * clip takes longer after all, another one may cut it as well; only one of the files is kept.
 */
const CLAIM_MS = 30_000;
/** What a crash leaves of a claim goes by itself. */
const CLAIM_TTL_SECONDS = 24 * 3600;

/** @returns undefined where the clip has not been made, as far as the table knows */
export async function findRecord(ids: AudioClipIds): Promise<AudioClipRecord | undefined> {
  const item = await getItem<Partial<AudioClipRecord>>(tableKeys.audioClip(ids));
  return item?.generated_at === undefined ? undefined : (item as AudioClipRecord);
}

/**
 * Claims a clip, to be the only one to cut it.
 * @param owner whoever claims it; no other call has the same
 * @returns whether it is free, or its claim has run out
 */
export async function claimClip(ids: AudioClipIds, owner: string, now: number): Promise<boolean> {
  const claimed = await updateItem(tableKeys.audioClip(ids), {
    UpdateExpression: 'SET #owner = :me, claimedUntil = :until, #ttl = :ttl',
    ConditionExpression: 'attribute_not_exists(#owner) OR claimedUntil < :now',
    ExpressionAttributeNames: { '#owner': 'owner', '#ttl': 'ttl' },
    ExpressionAttributeValues: {
      ':me': owner,
      ':now': now,
      ':until': now + CLAIM_MS,
      ':ttl': Math.ceil(now / 1000) + CLAIM_TTL_SECONDS,
    },
  });
  return claimed !== undefined;
}

/** Gives a claim up. Of a clip that has not been made, nothing stays. */
export async function releaseClip(ids: AudioClipIds, owner: string): Promise<void> {
  const key = tableKeys.audioClip(ids);
  const names = { '#owner': 'owner' };
  const isMade = await updateItem(key, {
    UpdateExpression: 'REMOVE #owner, claimedUntil, #ttl',
    ConditionExpression: '#owner = :me AND attribute_exists(generated_at)',
    ExpressionAttributeNames: { ...names, '#ttl': 'ttl' },
    ExpressionAttributeValues: { ':me': owner },
  });
  if (isMade) return;
  await deleteItem(key, {
    ConditionExpression: '#owner = :me',
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: { ':me': owner },
  });
}

/** Notes that a clip has been made, which ends every claim to it. */
export async function noteClip(
  { s3Key, ...ids }: WantedAudioClip,
  {
    generatedAt,
    sizeBytes,
    warnings,
  }: { generatedAt: Date; sizeBytes: number } & AudioClipWarnings,
): Promise<void> {
  const record: AudioClipRecord = {
    episode_id: ids.episodeId,
    clip_start_ms: ids.startMs,
    clip_end_ms: ids.endMs,
    s3_key: s3Key,
    generated_at: generatedAt.toISOString(),
    file_size_bytes: sizeBytes,
    ...(warnings ? { warnings } : {}),
  };
  const fields = Object.keys(record);
  await updateItem(tableKeys.audioClip(ids), {
    UpdateExpression: `SET ${fields.map((name) => `${name} = :${name}`).join(', ')} REMOVE #owner, claimedUntil, #ttl`,
    ExpressionAttributeNames: { '#owner': 'owner', '#ttl': 'ttl' },
    ExpressionAttributeValues: Object.fromEntries(
      Object.entries(record).map(([name, value]) => [`:${name}`, value]),
    ),
  });
}
