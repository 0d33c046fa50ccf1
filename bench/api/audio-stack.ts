import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { type Stack, startStack } from '#local/stack/index';
import { objectKeys, tableKeys } from '#shared/keys';
import { clientConfig, type StackVariables, variablesOf } from '../memory/episode-stack.ts';
import type { LongAudio } from './long-audio.ts';

/** Starts the embedded S3 and DynamoDB, with an episode of nothing but its sound for each file. */
export async function startAudioStack(
  files: readonly LongAudio[],
  tenantId: string,
): Promise<{ variables: StackVariables; stop(): Promise<void> }> {
  const stateDir = await mkdtemp(join(tmpdir(), 'splicebus-bench-stack-'));
  const stack = await startStack({ stateDir, services: [] });
  const stop = async () => {
    await stack.stop();
    await rm(stateDir, { recursive: true, force: true });
  };
  try {
    for (const audio of files) await ingest(audio, tenantId, stack);
  } catch (error) {
    await stop();
    throw error;
  }
  return { variables: variablesOf(stack), stop };
}

async function ingest({ name, file, bytes }: LongAudio, tenantId: string, stack: Stack) {
  const ids = { tenantId, episodeId: name };
  const audioKey = `${objectKeys.audio(ids)}${name}`;
  const s3 = new S3Client(clientConfig(stack));
  await s3.send(
    new PutObjectCommand({
      Bucket: stack.bucketName,
      Key: audioKey,
      Body: createReadStream(file),
      ContentLength: bytes,
    }),
  );
  const dynamodb = DynamoDBDocumentClient.from(new DynamoDBClient(clientConfig(stack)));
  const Item = { ...tableKeys.episode(ids), audioKey };
  await dynamodb.send(new PutCommand({ TableName: stack.tableName, Item }));
  s3.destroy();
  dynamodb.destroy();
}
