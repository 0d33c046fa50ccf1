import { randomUUID } from 'node:crypto';
import type { EventEmitter } from 'node:events';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import type { ClipRecord } from '#shared/clip/clip-record';
import { BeginClipGeneration } from '#shared/events/begin-clip-generation';
import { ClipGenerationRejected } from '#shared/events/clip-generation-rejected';
import type { DetailOf } from '#shared/events/define-event';
import { ExecutionFinished } from '#shared/events/execution-finished';
import { executionIdOf } from '#shared/events/identity';
import { tableKeys } from '#shared/keys';
import type { BusEvent } from '../eventbridge/index.ts';
import { ingestEpisode } from '../ingest/ingest-episode.ts';
import type { Stack } from '../stack/index.ts';
import { ClipBoard } from './clip-board.ts';
import { type ClipRow, clipTable } from './clip-table.ts';
import type { EpisodeSource } from './episode-source.ts';
import type { StartOptions } from './start-options.ts';

/** The tenant of everything that is made from the command line. */
export const TENANT_ID = 'demo';

/**
 * Ingests the episode, requests its clips on the bus, shows them being made and tells what came of them.
 * @param bus emits `event` with every event on the stack's buses
 * @returns whether all went as expected
 */
export async function makeClips(
  stack: Stack,
  source: EpisodeSource,
  options: StartOptions,
  bus: EventEmitter<{ event: [BusEvent] }>,
): Promise<boolean> {
  const client = clientConfig(stack);
  const { episodeId, clips } = source;
  const ids = { tenantId: TENANT_ID, episodeId, trackName: 'main' };
  const target = { ...stack, client };
  const mayLackChunks = ['skip', 'black'].includes(options.cutOptions.gaps ?? 'fail');
  const { playlistFile, audioFile } = source;
  const episode = await ingestEpisode(playlistFile, ids, target, audioFile, mayLackChunks);
  const seconds = Math.round(episode.durationMs / 1000);
  console.log(`Episode ${episodeId}: ${seconds} s in ${episode.chunkCount} chunks of HLS.`);
  for (const note of source.notes) console.log(`Note: ${note}`);
  console.log();

  const board = new ClipBoard(
    process.stdout,
    clips.map((clip) => clip.clipId),
  );
  const request = { ...ids, clips, ...options.cutOptions };
  const events = await requestClips(stack, bus, (event) => board.see(event), request, options);
  const made = await readRows(stack, source, board, events);
  const rows = options.outDir ? await copyClips(made, options.outDir) : made;
  console.log(`\n${clipTable(rows)}\n`);

  if (options.jsonFile) {
    const clipRecords = rows.map((row) => row.record);
    await writeFile(
      options.jsonFile,
      `${JSON.stringify({ clips: clipRecords, events }, null, 2)}\n`,
    );
  }
  return rows.every(
    ({ record: { clipId, status } }) =>
      (status === 'Generation Complete') !== source.expectedToFail.has(clipId),
  );
}

/** What an AWS SDK client needs to talk to the stack. The credentials are nobody's: all may be done. */
export function clientConfig({ endpointUrl, region }: Stack) {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  return { endpoint: endpointUrl, region, credentials };
}

/**
 * Puts the request on the bus.
 * @returns the events of its execution, once that has finished; where nobody waits any longer or looks later, once
 *   all has been made that follows its clips
 */
async function requestClips(
  stack: Stack,
  bus: EventEmitter<{ event: [BusEvent] }>,
  onEvent: (event: BusEvent) => void,
  request: object,
  { once, jsonFile }: Pick<StartOptions, 'once' | 'jsonFile'>,
): Promise<BusEvent[]> {
  // With a requestId of our own we know the executionId before the first event can arrive.
  const requestId = randomUUID();
  const detail = { ...request, requestId };
  const executionId = executionIdOf({ id: requestId, detail });
  const events: BusEvent[] = [];
  const listener = (event: BusEvent) => {
    const ids = event.detail as { executionId?: string; requestId?: string };
    if (ids.executionId !== executionId && ids.requestId !== requestId) return;
    events.push(event);
    onEvent(event);
    if (event['detail-type'] === ExecutionFinished.detailType) finished();
  };
  let finished = () => {};
  const end = new Promise<void>((resolve) => {
    finished = resolve;
  });
  bus.on('event', listener);
  const client = new EventBridgeClient(clientConfig(stack));
  try {
    await client.send(
      new PutEventsCommand({
        Entries: [
          {
            EventBusName: stack.busName,
            Source: BeginClipGeneration.source,
            DetailType: BeginClipGeneration.detailType,
            Detail: JSON.stringify(detail),
          },
        ],
      }),
    );
    // An execution that was rejected as a whole ends without clips; a stack at rest will not end any more.
    await Promise.race([end, stack.idle()]);
    if (once || jsonFile) await stack.idle();
    return events;
  } finally {
    bus.off('event', listener);
    client.destroy();
  }
}

async function readRows(
  stack: Stack,
  source: EpisodeSource,
  board: ClipBoard,
  events: readonly BusEvent[],
): Promise<ClipRow[]> {
  const dynamodb = DynamoDBDocumentClient.from(new DynamoDBClient(clientConfig(stack)));
  try {
    return await Promise.all(
      source.clips.map(async ({ clipId }) => {
        const key = tableKeys.clip({ tenantId: TENANT_ID, episodeId: source.episodeId, clipId });
        const { Item } = await dynamodb.send(
          new GetCommand({ TableName: stack.tableName, Key: key, ConsistentRead: true }),
        );
        const record = (Item as ClipRecord | undefined) ?? rejectedRecord(clipId, events);
        const isThere = record.status === 'Generation Complete' && record.s3Key;
        const path = isThere ? join(stack.s3Dir, record.s3Key!) : undefined;
        return { record, path, takenMs: board.takenMs(clipId) };
      }),
    );
  } finally {
    dynamodb.destroy();
  }
}

/** A request that was rejected as a whole leaves no records; the reason is on the bus. */
function rejectedRecord(clipId: string, events: readonly BusEvent[]): ClipRecord {
  const rejection = events.find(
    (event) => event['detail-type'] === ClipGenerationRejected.detailType,
  );
  const { error, meta } = (rejection ?? { detail: {} }).detail as Partial<
    DetailOf<typeof ClipGenerationRejected>
  >;
  const processingError = error && meta && { ...error, timestamp: meta.occurredAt };
  return { clipId, status: 'Generation Failed', processingError } as ClipRecord;
}

/** @returns the rows with the paths of the copies */
async function copyClips(rows: readonly ClipRow[], outDir: string): Promise<ClipRow[]> {
  await mkdir(outDir, { recursive: true });
  return Promise.all(
    rows.map(async (row) => {
      if (!row.path) return row;
      const path = resolve(outDir, `${row.record.clipId}.mp4`);
      await copyFile(row.path, path);
      return { ...row, path };
    }),
  );
}
