import { HeadObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EVENT_CATALOGUE } from '#shared/events/catalogue';
import { UPSTREAM_SOURCE } from '#shared/events/define-event';
import { ExecutionFinished } from '#shared/events/execution-finished';
import { objectKeys } from '#shared/keys';
import type { SeenEvent } from '../harness/event-log.ts';
import { type Splicebus, startSplicebus, TENANT_ID } from '../harness/splicebus.ts';

// Who may publish on the bus may publish anything. The rival does, and names what is another tenant's.

const RIVAL = 'rival';
const CLIP = { clipId: 'good', segments: [{ startTime: 2, endTime: 3 }] };
const REQUEST = { tenantId: TENANT_ID, episodeId: 'plain', requestId: 'daily', clips: [CLIP] };

/** ExecutionFinished tells people, and leads to nothing else. */
const OWN_EVENTS = EVENT_CATALOGUE.filter(
  ({ source, detailType }) =>
    source !== UPSTREAM_SOURCE && detailType !== ExecutionFinished.detailType,
);

/** Of these, the stitcher makes something of the episode's files. */
const WORKED_ON: readonly string[] = [
  'SegmentExtracted',
  'StitchRequested',
  'ThumbnailsRequested',
  'RenditionRequested',
];

let splicebus: Splicebus;
/** The execution that the rival names. */
let executionId: string;
let before: Awaited<ReturnType<typeof everythingTheirs>>;

beforeAll(async () => {
  splicebus = await startSplicebus();
  await splicebus.ingest('plain');
  await splicebus.ingest('plain', 'own', RIVAL);
  executionId = await splicebus.begin(REQUEST);
  await splicebus.finished(executionId);
  // As while the clip is being made: what a forged event could have removed or stitched.
  const place = { episodeId: 'plain', clipId: 'good', executionId, segmentIndex: 0 };
  for (const extension of ['mp4', 'flac'] as const) {
    await splicebus.clients.s3.send(
      new PutObjectCommand({
        Bucket: splicebus.stack.bucketName,
        Key: objectKeys.segment(place, extension),
        Body: 'theirs',
      }),
    );
  }
  before = await everythingTheirs();
  expect(before.items.length).toBeGreaterThan(4);
  expect(before.objects.length).toBeGreaterThan(6);
});
afterAll(() => splicebus?.stop());

/** Every item and every object of the other tenant. */
async function everythingTheirs() {
  const { Items = [] } = await splicebus.clients.dynamodb.send(
    new ScanCommand({ TableName: splicebus.stack.tableName, ConsistentRead: true }),
  );
  const { Contents = [] } = await splicebus.clients.s3.send(
    new ListObjectsV2Command({ Bucket: splicebus.stack.bucketName, Prefix: 'plain/' }),
  );
  const partitions = [`${TENANT_ID}#plain`, `processing#${executionId}`];
  return {
    items: Items.filter(({ pk }) => partitions.includes(String(pk))),
    objects: Contents.map(({ Key, ETag, LastModified }) => [Key, ETag, LastModified?.getTime()]),
  };
}

/** What the functions said that gave up on an event, by the name of the function. */
function failuresOn(eventId: string): Record<string, string> {
  const failures = splicebus.events.all.filter((event) => event.source === 'lambda');
  return Object.fromEntries(
    failures.flatMap(({ detail }) => {
      const { requestContext, requestPayload, responsePayload } = detail as unknown as {
        requestContext: { functionArn: string };
        requestPayload: { id?: string };
        responsePayload: { errorMessage: string };
      };
      const [, name = ''] = /splicebus-(.*?)(:[^:]*)?$/.exec(requestContext.functionArn) ?? [];
      return requestPayload.id === eventId ? [[name, responsePayload.errorMessage]] : [];
    }),
  );
}

const rejectionsOf = (id: string): SeenEvent[] =>
  splicebus.events
    .ofExecution(id)
    .filter((event) => event['detail-type'] === 'ClipGenerationRejected');

describe('a request of a tenant for an episode that is not theirs', () => {
  it.each([
    ['by its name', { tenantId: RIVAL }],
    ['under the requestId of its tenant', { tenantId: RIVAL, requestId: 'daily' }],
    ['with both names in one', { tenantId: RIVAL, episodeId: 'plain', trackName: 'main' }],
  ])('%s is rejected', async (_, names) => {
    const id = await splicebus.begin({ ...REQUEST, requestId: undefined, ...names });
    await splicebus.finished(id);
    expect(id).not.toBe(executionId);
    expect(rejectionsOf(id)).toMatchObject([
      { detail: { tenantId: RIVAL, error: { code: 'EPISODE_NOT_FOUND' } } },
    ]);
    expect(await everythingTheirs()).toEqual(before);
  });

  it.each([
    `${TENANT_ID}#plain`,
    `${RIVAL}/../${TENANT_ID}`,
    `${TENANT_ID}\u0000`,
    'аcme',
    'processing',
    'executions',
  ])('as the tenant %j is rejected', async (tenantId) => {
    // The partitions of executions, as if they were an episode.
    for (const episodeId of ['plain', executionId, 'running']) {
      const id = await splicebus.begin({ ...REQUEST, requestId: undefined, tenantId, episodeId });
      await splicebus.finished(id);
      expect(rejectionsOf(id)).toMatchObject([
        {
          detail: { error: { code: 'EVENT_INVALID', message: expect.stringMatching(/tenantId/) } },
        },
      ]);
    }
    expect(await everythingTheirs()).toEqual(before);
  });

  it.each([{}, { executionId: 'theirs' }])('cannot be cancelled: %j', async (names) => {
    const id = await splicebus.put(UPSTREAM_SOURCE, 'Cancel Clip Generation', {
      tenantId: RIVAL,
      episodeId: 'plain',
      clipId: 'good',
      ...('executionId' in names ? { executionId } : {}),
    });
    await splicebus.stack.idle();
    expect(failuresOn(id)).toEqual({
      'trigger-dev-cancelClipGeneration': expect.stringMatching(/^EPISODE_NOT_FOUND: .*both ids/),
    });
    expect(await everythingTheirs()).toEqual(before);
  });
});

describe.each([
  ['naming their episode', 'plain'],
  ['naming an own episode, and their execution', 'own'],
])('a forged event of our own, %s', (_, episodeId) => {
  it.each(OWN_EVENTS.map((event) => [event.detailType, event] as const))(
    '%s is refused',
    async (detailType, { source, example }) => {
      const { meta, ...detail } = example as { meta: object };
      const id = await splicebus.put(source, detailType, {
        ...detail,
        tenantId: RIVAL,
        episodeId,
        clipId: 'good',
        executionId,
        meta: { ...meta, eventId: `forged-${detailType}` },
      });
      await splicebus.stack.idle();
      const failures = failuresOn(id);
      expect(failures['status-dev-clipEvent']).toMatch(
        /^EVENT_INVALID: No execution \w+ of episode \w+ of tenant rival began at .*: check who/,
      );
      if (episodeId === 'plain' && WORKED_ON.includes(detailType)) {
        expect(Object.values(failures)).toContainEqual(
          expect.stringMatching(/^EPISODE_NOT_FOUND: The tenant rival has no episode plain/),
        );
      }
      expect(await everythingTheirs()).toEqual(before);
    },
  );
});

describe.each([
  ['of an execution that nobody began', { executionId: 'f'.repeat(32) }],
  ['of the execution, but from the future', { executionStartedAt: '2999-01-01T00:00:00.000Z' }],
])('an event of our own in the tenant’s own name, %s', (_, forged) => {
  const record = () => splicebus.clip('plain', 'good');
  const file = () =>
    splicebus.clients.s3.send(
      new HeadObjectCommand({
        Bucket: splicebus.stack.bucketName,
        Key: 'plain/clips/good/clip.mp4',
      }),
    );

  it.each(OWN_EVENTS.map((event) => [event.detailType, event] as const))(
    '%s pins neither record nor file',
    async (detailType, { source, example }) => {
      const [recordBefore, { ETag, LastModified }] = [await record(), await file()];
      const { meta, ...detail } = example as { meta: object };
      const id = await splicebus.put(source, detailType, {
        ...detail,
        ...{ tenantId: TENANT_ID, episodeId: 'plain', clipId: 'good', executionId, ...forged },
        meta: { ...meta, eventId: `from-the-future-${detailType}-${JSON.stringify(forged)}` },
      });
      await splicebus.stack.idle();
      expect(failuresOn(id)['status-dev-clipEvent']).toMatch(/^EVENT_INVALID: No execution/);
      expect(await record()).toEqual(recordBefore);
      expect(await file()).toMatchObject({ ETag, LastModified });
    },
  );
});

it('their clip is still what it was, and can be made again', async () => {
  await splicebus.makeClips('plain', [CLIP]);
  const asked = [{ startMs: 2_000, endMs: 3_000 }];
  expect(await splicebus.judge('plain', 'good', asked)).toMatchObject({ exact: true, faults: [] });
});
