import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { HeadObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import type { Stored, StoredObject, TableItem } from '../checker/final-state.ts';
import type { ShortCuts } from './aws-calls.ts';
import type { MemoryBucket } from './memory-bucket.ts';
import { takeShortCut } from './without-sockets.ts';

/** Clients of the test's own: no seam sees what they do. */
export interface WorldClients {
  readonly dynamodb: DynamoDBDocumentClient;
  readonly s3: S3Client;
  /** Where the objects are, if not in the embedded stack. */
  readonly bucket: MemoryBucket | undefined;
  readonly bucketName: string;
  readonly tableName: string;
  put(item: Record<string, unknown>): Promise<void>;
  destroy(): void;
}

interface Connection {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { accessKeyId: string; secretAccessKey: string };
}

export function worldClients(
  connection: Connection,
  bucketName: string,
  tableName: string,
  shortCuts?: ShortCuts,
): WorldClients {
  const table = new DynamoDBClient(connection);
  const dynamodb = DynamoDBDocumentClient.from(table);
  const s3 = new S3Client(connection);
  if (shortCuts) takeShortCut(table, shortCuts.dynamodb);
  return {
    dynamodb,
    s3,
    bucket: shortCuts?.bucket,
    bucketName,
    tableName,
    async put(Item) {
      await dynamodb.send(new PutCommand({ TableName: tableName, Item }));
    },
    destroy() {
      dynamodb.destroy();
      s3.destroy();
    },
  };
}

/** Reads the whole table and what the whole bucket holds. */
export async function readStored(clients: WorldClients): Promise<Stored> {
  const [items, objects] = await Promise.all([scan(clients), list(clients)]);
  return { items, objects };
}

async function scan({ dynamodb, tableName }: WorldClients): Promise<TableItem[]> {
  const items: TableItem[] = [];
  let ExclusiveStartKey: Record<string, unknown> | undefined;
  do {
    const page = await dynamodb.send(
      new ScanCommand({ TableName: tableName, ConsistentRead: true, ExclusiveStartKey }),
    );
    items.push(...((page.Items ?? []) as TableItem[]));
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey);
  return items;
}

async function list({ s3, bucket, bucketName }: WorldClients): Promise<StoredObject[]> {
  if (bucket) return bucket.list();
  const objects: StoredObject[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page = await s3.send(new ListObjectsV2Command({ Bucket: bucketName, ContinuationToken }));
    for (const { Key: key = '', ETag: etag = '' } of page.Contents ?? []) {
      const isClip = key.endsWith('/clip.mp4');
      const head =
        isClip && (await s3.send(new HeadObjectCommand({ Bucket: bucketName, Key: key })));
      objects.push({ key, etag, ...(head ? { metadata: head.Metadata } : {}) });
    }
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken);
  return objects;
}
