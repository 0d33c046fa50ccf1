import { createReadStream, existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { objectKeys, tableKeys } from '#shared/keys';
import { IngestError } from './ingest-error.ts';
import { readPlaylists } from './read-playlists.ts';

/** Where an episode goes: any S3 and DynamoDB, the embedded stack's or AWS's. */
export interface IngestTarget {
  client: {
    endpoint?: string;
    region?: string;
    credentials?: { accessKeyId: string; secretAccessKey: string };
  };
  bucketName: string;
  tableName: string;
}

export interface IngestedEpisode {
  tenantId: string;
  episodeId: string;
  trackName: string;
  /** Sum of the chunks' durations. */
  durationMs: number;
  chunkCount: number;
}

const CONTENT_TYPES: Record<string, string> = {
  ts: 'video/mp2t',
  aac: 'audio/aac',
  m4s: 'video/iso.segment',
  mp4: 'video/mp4',
  m4a: 'audio/mp4',
  mp3: 'audio/mpeg',
  wav: 'audio/wav',
  flac: 'audio/flac',
};

/**
 * Uploads an HLS playlist with its chunks, a master playlist with all media playlists that it names, and registers the
 * episode: its item is what entitles the tenant to clips of it, so it is written last, when everything it speaks of is
 * there.
 * @param audioFile with the sound of the whole episode, which audio clips are then cut from
 * @param mayLackChunks whether chunks that are not there are left out, for clips that go on without them
 * @throws IngestError
 */
export async function ingestEpisode(
  playlistFile: string,
  ids: { tenantId: string; episodeId: string; trackName: string },
  target: IngestTarget,
  audioFile?: string,
  mayLackChunks = false,
): Promise<IngestedEpisode> {
  const folder = objectKeys.track(ids);
  const track = await readPlaylists(playlistFile, folder);
  const { playlistKey, playlist } = track;
  const s3 = new S3Client(target.client);
  const fileOf = (key: string) => join(dirname(playlistFile), key.slice(folder.length));
  for (const key of track.needed) await upload(s3, target.bucketName, key, fileOf(key));
  for (const key of track.chunks) {
    if (mayLackChunks && !existsSync(fileOf(key))) continue;
    await upload(s3, target.bucketName, key, fileOf(key));
  }
  const audioKey = audioFile && `${objectKeys.audio(ids)}sound${extname(audioFile)}`;
  if (audioKey) await upload(s3, target.bucketName, audioKey, audioFile);
  for (const { key, text } of track.playlists) {
    await s3.send(
      new PutObjectCommand({
        Bucket: target.bucketName,
        Key: key,
        Body: text,
        ContentType: 'application/vnd.apple.mpegurl',
      }),
    );
  }
  const durationMs = Math.round(playlist.durationUs / 1000);
  const dynamodb = DynamoDBDocumentClient.from(new DynamoDBClient(target.client));
  await dynamodb.send(
    new PutCommand({
      TableName: target.tableName,
      Item: {
        ...tableKeys.episode(ids),
        tenantId: ids.tenantId,
        episodeId: ids.episodeId,
        tracks: { [ids.trackName]: { playlistKey } },
        ...(audioKey ? { audioKey } : {}),
        durationMs,
      },
    }),
  );
  s3.destroy();
  dynamodb.destroy();
  return { ...ids, durationMs, chunkCount: playlist.chunks.length };
}

async function upload(s3: S3Client, bucket: string, key: string, file: string): Promise<void> {
  const info = await stat(file).catch(() => undefined);
  if (!info?.isFile()) {
    throw new IngestError(
      `The episode lacks ${file}, which its playlist or you have named: put it there, or go on without missing chunks by --gaps skip or black.`,
    );
  }
  await s3.send(
    new PutObjectCommand({
      Bucket: bucket,
      Key: key,
      Body: createReadStream(file),
      ContentLength: info.size,
      ContentType: CONTENT_TYPES[key.split('.').pop() ?? ''] ?? 'application/octet-stream',
    }),
  );
}
