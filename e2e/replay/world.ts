import { HeadObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { paginateScan } from '@aws-sdk/lib-dynamodb';
import { expect, vi } from 'vitest';
import type { Segment } from '#local/judge/index';
import { executionIdOf } from '#shared/events/identity';
import type { Splicebus } from '../harness/splicebus.ts';

/** Every item and every object, with when it was written, and how often work was done. */
export async function everything(splicebus: Splicebus) {
  const { tableName, bucketName } = splicebus.stack;
  const items: Record<string, unknown>[] = [];
  const pages = paginateScan({ client: splicebus.clients.dynamodb }, { TableName: tableName });
  for await (const page of pages) items.push(...(page.Items ?? []));
  const { Contents = [] } = await splicebus.clients.s3.send(
    new ListObjectsV2Command({ Bucket: bucketName }),
  );
  const objects = Contents.map(({ Key, ETag, LastModified }) => ({ Key, ETag, LastModified }));
  return {
    items: Object.fromEntries(items.map((item) => [`${item.pk} ${item.sk}`, item])),
    objects,
    work: workOf(splicebus),
  };
}

/** Segments of a request, in seconds, as the judge of a clip takes them. */
export const askedFor = (segments: readonly { startTime: number; endTime: number }[]): Segment[] =>
  segments.map(({ startTime, endTime }) => ({ startMs: startTime * 1000, endMs: endTime * 1000 }));

/** How many segments were cut and how many clips stitched, by the logs of those who do it. */
export function workOf({ logs }: Splicebus, executionId?: string) {
  const lines = logs
    .filter(({ line }) => !executionId || line.includes(`"executionId":"${executionId}"`))
    .map(({ line }) => line);
  const count = (message: string) =>
    lines.filter((line) => line.includes(`"message":"${message}"`)).length;
  return { cut: count('The segment was extracted'), stitched: count('The clip is finished') };
}

/** The execution that a replay of an execution's begin event begins. */
export function replayedId(splicebus: Splicebus, executionId: string, replayName: string): string {
  const begin = splicebus.events.all.find(
    (event) =>
      event['detail-type'] === 'Begin Clip Generation' &&
      executionIdOf({ id: event.id, detail: event.detail }) === executionId,
  );
  const { id, detail } = begin!;
  return executionIdOf({ id, detail, 'replay-name': replayName });
}

/** Which execution wrote the finished file of a clip. */
export async function writerOf(splicebus: Splicebus, episodeId: string, clipId: string) {
  const { Metadata } = await splicebus.clients.s3.send(
    new HeadObjectCommand({
      Bucket: splicebus.stack.bucketName,
      Key: `${episodeId}/clips/${clipId}/clip.mp4`,
    }),
  );
  return Metadata?.['execution-id'];
}

/** Events that a replay put on the bus. */
export const broughtBy = ({ events }: Splicebus, replayName: string) =>
  events.all.filter((event) => event['replay-name'] === replayName);

/** @returns a time since which nothing has happened yet; events know whole seconds only */
export async function nextSecond(): Promise<string> {
  const second = () => Math.floor(Date.now() / 1000);
  const before = second();
  await vi.waitFor(() => expect(second()).toBeGreaterThan(before), {
    timeout: 5_000,
    interval: 20,
  });
  return new Date().toISOString();
}
