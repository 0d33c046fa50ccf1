import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteObjectsCommand, GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import { createDynamoDb } from '#local/dynamodb/dynamodb';
import { createEventBridge, type Delivery, type EventBridge } from '#local/eventbridge/index';
import { startGateway } from '#local/gateway/server';
import { ingestEpisode } from '#local/ingest/ingest-episode';
import { packageServices } from '#local/packaging/package-services';
import { createS3, type ObjectCreated, objectCreatedEvent } from '#local/s3/index';
import { cachedEpisode, type EpisodeSpec } from '#local/sample/index';
import { createEventBus, putRule } from '#local/stack/resources/events';
import { createBucket, createTable } from '#local/stack/resources/storage';
import { ACCOUNT_ID, REGION, type Services } from '#local/stack/services';
import { loadPackages } from '#local/stack/templates';
import type { LoggedEvent, Stored } from '../checker/final-state.ts';
import { installSeam } from './aws-calls.ts';
import { loadFunctions, variablesOf, type WorldFunction } from './functions.ts';
import { MemoryBucket } from './memory-bucket.ts';
import { readStored, type WorldClients, worldClients } from './stored.ts';

export const TENANT_ID = 'acme';
export const EPISODE_ID = 'pilot';
/** Has an episode of the same name, and a clip: neither may ever change. */
const NEIGHBOUR = { tenantId: 'globex', episodeId: 'other' };

/** Tiny, but real: two key frames and sound. */
const SAMPLE = { seconds: 4, width: 160, height: 90, chunkSeconds: 2, fps: '15', gopSeconds: 1 };
const CACHE = join(tmpdir(), 'splicebus-test-episodes');

/** Told of what rules send to functions and queues. */
export type OnDelivery = (delivery: Delivery) => void;

/**
 * The embedded table, bucket and bus, wired by the packaged templates, and the real handlers inside this
 * process instead of one process per function: hundreds of times as fast, and every call they make can be
 * held, refused or be the last one.
 */
export interface World {
  readonly functions: readonly WorldFunction[];
  readonly eventbridge: EventBridge;
  readonly services: Services;
  readonly clients: WorldClients;
  readonly busName: string;
  readonly bucketName: string;
  /** Every publication since the last {@link reset}. */
  readonly events: LoggedEvent[];
  /** What {@link reset} leaves. */
  readonly before: Stored;
  /** Hands deliveries to this listener from now on. */
  deliverTo(listener: OnDelivery): void;
  stored(): Promise<Stored>;
  /** Takes away all that came of earlier requests. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

export interface WorldOptions {
  /** What the episode is like, beyond being tiny. */
  readonly sample?: EpisodeSpec;
  /** Whether handlers reach table and bus without sockets, and a bucket in memory. Default: false. */
  readonly isFast?: boolean;
}

export async function startWorld({ sample, isFast }: WorldOptions = {}): Promise<World> {
  const stateDir = mkdtempSync(join(tmpdir(), 'splicebus-faults-'));
  const home = { accountId: ACCOUNT_ID, region: REGION };
  const events: LoggedEvent[] = [];
  let onDelivery: OnDelivery = () => {};
  const eventbridge = createEventBridge({
    stateDir: join(stateDir, 'eventbridge'),
    ...home,
    deliver: async (delivery) => onDelivery(delivery),
    onEvent: (_bus, event) => events.push(event as unknown as LoggedEvent),
  });
  const onObjectCreated = async (created: ObjectCreated) => {
    // Named by its upload: the same in every run of a scenario.
    const origin = { id: created.sequencer, ...home };
    await eventbridge.publish('default', objectCreatedEvent(created, origin));
    // Whoever wants it is on the agenda before the upload is answered.
    await eventbridge.idle();
  };
  const s3 = createS3({ rootDir: join(stateDir, 's3'), region: REGION, onObjectCreated });
  const dynamodb = await createDynamoDb(home);
  const gateway = await startGateway({
    port: 0,
    services: { s3, dynamodb, events: eventbridge },
    judge: () => ({ allowed: true }),
  });

  // What creates a resource touches no service but its own.
  const services = { s3, dynamodb, eventbridge } as unknown as Services;
  const stacks = await loadPackages(await packageServices(), 'dev', {
    ...home,
    endpointUrl: gateway.endpointUrl,
    ssmParameters: {
      '/splicebus/dev/ffmpeg-layer-arn': 'arn:aws:lambda:::layer:ffmpeg:1',
      '/splicebus/dev/jwt-issuer': 'https://issuer.example.com',
      '/splicebus/dev/jwt-audience': 'splicebus',
    },
  });
  const resources = stacks.flatMap((stack) => stack.resources);
  const create = { createTable, createBucket, createEventBus, putRule };
  const types = {
    'AWS::DynamoDB::Table': create.createTable,
    'AWS::S3::Bucket': create.createBucket,
    'AWS::Events::EventBus': create.createEventBus,
    'AWS::Events::Rule': create.putRule,
  };
  for (const [type, createOne] of Object.entries(types)) {
    for (const resource of resources) {
      if (resource.type !== type || resource.properties.ScheduleExpression) continue;
      await createOne(resource, services);
    }
  }
  const exported = (name: string) =>
    stacks.map(({ exports }) => exports.get(`splicebus-dev-${name}`)).find(Boolean)!;
  const [bucketName, tableName, busName] = ['BucketName', 'TableName', 'BusName'].map(exported) as [
    string,
    string,
    string,
  ];

  const connection = { endpoint: gateway.endpointUrl, region: REGION, credentials: CREDENTIALS };
  Object.assign(process.env, {
    ...Object.fromEntries(
      resources
        .filter(({ type }) => type === 'AWS::Lambda::Function')
        .flatMap(({ properties }) => Object.entries(variablesOf(properties.Environment))),
    ),
    AWS_ENDPOINT_URL: gateway.endpointUrl,
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    // Only the functions of the status service read it, and of it only the service.
    AWS_LAMBDA_FUNCTION_NAME: 'splicebus-status-dev-clipEvent',
    RETRY_FIRST_DELAY_MS: '1',
    PROGRESS_INTERVAL_MS: '1000000',
    FFMPEG_PATH: process.env.FFMPEG_PATH ?? 'ffmpeg',
    FFPROBE_PATH: process.env.FFPROBE_PATH ?? 'ffprobe',
    POWERTOOLS_LOG_LEVEL: 'SILENT',
    POWERTOOLS_METRICS_DISABLED: 'true',
    POWERTOOLS_TRACE_ENABLED: 'false',
  });
  const functions = await loadFunctions(stacks);
  const { metrics } = await import('#shared/observability/telemetry');
  // It would say of every invocation that there is nothing to publish.
  metrics.publishStoredMetrics = () => {
    metrics.clearMetrics();
    return metrics;
  };
  const bucket = isFast ? new MemoryBucket() : undefined;
  const shortCuts = bucket && { dynamodb, eventbridge, bucket };
  await installSeam(shortCuts);

  const clients = worldClients(connection, bucketName, tableName, shortCuts);
  const episode = await cachedEpisode(CACHE, { ...SAMPLE, ...sample });
  const target = { client: connection, bucketName, tableName };
  for (const ids of [{ tenantId: TENANT_ID, episodeId: EPISODE_ID }, NEIGHBOUR]) {
    await ingestEpisode(episode.playlistPath, { ...ids, trackName: 'main' }, target);
  }
  await clients.put({ pk: 'globex#other', sk: 'clip#theirs', status: 'detected' });
  // The same names as the ones asked for, but another tenant's.
  await clients.put({ pk: 'globex#pilot', sk: 'clip#one', status: 'Generation Complete' });
  await eventbridge.idle();
  events.length = 0;
  if (bucket) {
    await copyObjects(clients, bucket);
    bucket.onObjectCreated = onObjectCreated;
  }
  const before = await readStored(clients);

  return {
    functions,
    eventbridge,
    services,
    clients,
    busName,
    bucketName,
    events,
    before,
    deliverTo(listener) {
      onDelivery = listener;
    },
    stored: () => readStored(clients),
    async reset() {
      await removeAllBut(before, clients);
      events.length = 0;
    },
    async stop() {
      clients.destroy();
      await eventbridge.close();
      await s3.close();
      await gateway.close();
      await dynamodb.close();
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}

const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' };

/** Fills a bucket in memory with what lies in the embedded one. */
async function copyObjects({ s3, bucketName: Bucket }: WorldClients, bucket: MemoryBucket) {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
  for (const { Key } of Contents) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    await bucket.put(Key!, Buffer.from(await Body!.transformToByteArray()));
  }
}

async function removeAllBut(before: Stored, clients: WorldClients): Promise<void> {
  const { items, objects } = await readStored(clients);
  const isOld = new Set(before.items.map(({ pk, sk }) => `${pk} ${sk}`));
  const newItems = items.filter(({ pk, sk }) => !isOld.has(`${pk} ${sk}`));
  for (let from = 0; from < newItems.length; from += 25) {
    const requests = newItems
      .slice(from, from + 25)
      .map(({ pk, sk }) => ({ DeleteRequest: { Key: { pk, sk } } }));
    await clients.dynamodb.send(
      new BatchWriteCommand({ RequestItems: { [clients.tableName]: requests } }),
    );
  }
  const isKept = new Set(before.objects.map(({ key }) => key));
  clients.bucket?.keep(isKept);
  if (clients.bucket) return;
  const keys = objects.filter(({ key }) => !isKept.has(key)).map(({ key }) => ({ Key: key }));
  for (let from = 0; from < keys.length; from += 1000) {
    await clients.s3.send(
      new DeleteObjectsCommand({
        Bucket: clients.bucketName,
        Delete: { Objects: keys.slice(from, from + 1000) },
      }),
    );
  }
}
