import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { ErrorCode } from '#shared/errors';
import { sampleEpisode } from '../harness/sample-episodes.ts';
import { type Splicebus, TENANT_ID } from '../harness/splicebus.ts';

/** An episode with something wrong, and what a clip of it must end in. */
export interface BrokenEpisode {
  readonly name: string;
  readonly breakIt: (splicebus: Splicebus, episodeId: string) => Promise<unknown>;
  readonly code: ErrorCode;
  /** What the message must mention. */
  readonly says: string;
  /** Whether a clip of another part of the episode can still be made. */
  readonly siblingSurvives?: boolean;
}

const { dir, playlistPath } = await sampleEpisode('plain');
const PLAYLIST = readFileSync(playlistPath, 'utf8');
/** The chunk that holds second 7. */
export const CHUNK = PLAYLIST.split('\n').filter(
  (line) => line !== '' && !line.startsWith('#'),
)[1]!;
const CHUNK_BYTES = readFileSync(join(dir, CHUNK));

export const folderOf = (episodeId: string) => `${episodeId}/tracks/main/`;

export const put =
  (name: string, body: string | Buffer) =>
  ({ clients, stack }: Splicebus, episodeId: string) =>
    clients.s3.send(
      new PutObjectCommand({
        Bucket: stack.bucketName,
        Key: folderOf(episodeId) + name,
        Body: body,
        ContentLength: Buffer.byteLength(body),
      }),
    );

const remove =
  (name: string) =>
  ({ clients, stack }: Splicebus, episodeId: string) =>
    clients.s3.send(
      new DeleteObjectCommand({ Bucket: stack.bucketName, Key: folderOf(episodeId) + name }),
    );

export const playlist = (edit: (text: string) => string) => put('index.m3u8', edit(PLAYLIST));

export const item =
  (tracks: (episodeId: string) => unknown) =>
  ({ clients, stack }: Splicebus, episodeId: string) =>
    clients.dynamodb.send(
      new UpdateCommand({
        TableName: stack.tableName,
        Key: { pk: `${TENANT_ID}#${episodeId}`, sk: 'episode' },
        UpdateExpression: 'SET tracks = :tracks',
        ExpressionAttributeValues: { ':tracks': tracks(episodeId) },
      }),
    );

export const BROKEN_EPISODES: readonly BrokenEpisode[] = [
  {
    name: 'its playlist is missing',
    breakIt: remove('index.m3u8'),
    code: 'PLAYLIST_NOT_FOUND',
    says: 'index.m3u8 is not in the bucket',
  },
  {
    name: 'its playlist is no playlist',
    breakIt: put('index.m3u8', '<html>404</html>'),
    code: 'PLAYLIST_INVALID',
    says: 'does not begin with #EXTM3U',
  },
  {
    name: 'its playlist is empty',
    breakIt: put('index.m3u8', ''),
    code: 'PLAYLIST_INVALID',
    says: 'index.m3u8',
  },
  {
    name: 'its playlist lists no chunks',
    breakIt: put('index.m3u8', '#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXT-X-ENDLIST\n'),
    code: 'PLAYLIST_INVALID',
    says: 'it lists no chunks',
  },
  {
    name: 'its master playlist names a playlist that is missing',
    breakIt: put('index.m3u8', '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nlow.m3u8\n'),
    code: 'PLAYLIST_NOT_FOUND',
    says: 'low.m3u8 is not in the bucket',
  },
  {
    name: 'its chunks are encrypted, and the key is missing',
    breakIt: playlist((text) =>
      text.replace('#EXTINF', '#EXT-X-KEY:METHOD=AES-128,URI="key"\n#EXTINF'),
    ),
    code: 'CHUNK_UNDECODABLE',
    says: 'key is in the playlist but not in the bucket',
  },
  {
    name: 'its key lies on another host',
    breakIt: playlist((text) =>
      text.replace('#EXTINF', '#EXT-X-KEY:METHOD=AES-128,URI="https://example.com/k"\n#EXTINF'),
    ),
    code: 'PLAYLIST_INVALID',
    says: 'not a relative path below',
  },
  {
    name: 'its samples are encrypted',
    breakIt: playlist((text) =>
      text.replace('#EXTINF', '#EXT-X-KEY:METHOD=SAMPLE-AES,URI="key"\n#EXTINF'),
    ),
    code: 'PLAYLIST_UNSUPPORTED',
    says: 'SAMPLE-AES',
  },
  {
    name: 'its playlist leaves its folder',
    breakIt: playlist((text) => text.replace(CHUNK, `../../../plain/tracks/main/${CHUNK}`)),
    code: 'PLAYLIST_INVALID',
    says: 'not a relative path below',
  },
  {
    name: 'its playlist leaves its folder in disguise',
    breakIt: playlist((text) => text.replace(CHUNK, `x/%2e%2e/%2E./other/${CHUNK}`)),
    code: 'PLAYLIST_INVALID',
    says: 'not a relative path below',
  },
  {
    name: 'its playlist names another host',
    breakIt: playlist((text) => text.replace(CHUNK, 'http://169.254.169.254/latest/meta-data')),
    code: 'PLAYLIST_INVALID',
    says: 'not a relative path below',
  },
  {
    name: 'its item names a playlist of another episode',
    breakIt: item(() => ({ main: { playlistKey: 'plain/tracks/main/index.m3u8' } })),
    code: 'EPISODE_INVALID',
    says: 'must lie below',
  },
  {
    name: 'its item holds no tracks',
    breakIt: item(() => 'none'),
    code: 'EPISODE_INVALID',
    says: 'tracks',
  },
  {
    name: 'a chunk is missing',
    breakIt: remove(CHUNK),
    code: 'CHUNK_NOT_FOUND',
    says: CHUNK,
    siblingSurvives: true,
  },
  {
    name: 'a chunk is text',
    breakIt: put(CHUNK, 'This is no video.\n'.repeat(10_000)),
    code: 'CHUNK_UNDECODABLE',
    says: 'chunks',
    siblingSurvives: true,
  },
  {
    name: 'a chunk is noise',
    breakIt: put(CHUNK, Buffer.from(Uint8Array.from({ length: 200_000 }, (_, n) => n * n * 31))),
    code: 'CHUNK_UNDECODABLE',
    says: 'chunks',
    siblingSurvives: true,
  },
  {
    name: 'a chunk is cut short',
    // Its pictures end in the middle of the segment: the rest of it is nowhere.
    breakIt: put(CHUNK, CHUNK_BYTES.subarray(0, CHUNK_BYTES.length / 4)),
    code: 'CHUNK_UNDECODABLE',
    says: 'chunks',
    siblingSurvives: true,
  },
  {
    name: 'a chunk is empty',
    breakIt: put(CHUNK, ''),
    code: 'CHUNK_UNDECODABLE',
    says: 'chunks',
    siblingSurvives: true,
  },
];
