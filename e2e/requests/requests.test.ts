import { PutObjectCommand } from '@aws-sdk/client-s3';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { executionIdOf } from '#shared/events/identity';
import type { SeenEvent } from '../harness/event-log.ts';
import { type Splicebus, startSplicebus, TENANT_ID } from '../harness/splicebus.ts';

const SHORT = { startTime: '00:00:02', endTime: '00:00:03' };

let splicebus: Splicebus;
beforeAll(async () => {
  splicebus = await startSplicebus();
});
afterAll(() => splicebus?.stop());

const ofType = (type: string, episodeId: string): SeenEvent[] =>
  splicebus.events.all.filter(
    (event) => event['detail-type'] === type && event.detail.episodeId === episodeId,
  );

describe('detected clips', () => {
  const put = (clipId: string, item: object) =>
    splicebus.clients.dynamodb.send(
      new PutCommand({
        TableName: splicebus.stack.tableName,
        Item: { pk: `${TENANT_ID}#detected`, sk: `clip#${clipId}`, clipId, ...item },
      }),
    );
  let executionId: string;

  beforeAll(async () => {
    await splicebus.ingest('plain', 'detected');
    await put('good', {
      status: 'detected',
      segments: [SHORT],
      gaps: 'skip',
      createdAt: '2026-01-02T03:04:05.000Z',
      score: 0.93,
      detector: { model: 'laughs-v2', labels: ['joke', 'applause'] },
    });
    await put('hopeless', { status: 'detected', segments: [] });
    await put('done-before', { status: 'Generation Complete', segments: [SHORT] });
    executionId = await splicebus.begin({ tenantId: TENANT_ID, episodeId: 'detected' });
    await splicebus.finished(executionId);
  });

  it('makes those that the table holds when the event lists none', async () => {
    const { status, totalClips, processedClips, failedClips } = (await splicebus.execution(
      executionId,
    ))!;
    expect({ status, totalClips, processedClips, failedClips }).toEqual({
      status: 'failed',
      totalClips: 2,
      processedClips: 1,
      failedClips: 1,
    });
    const verdict = await splicebus.judge('detected', 'good', [{ startMs: 2_000, endMs: 3_000 }]);
    expect(verdict.faults).toEqual([]);
    expect(await splicebus.clip('detected', 'hopeless')).toMatchObject({
      status: 'Generation Failed',
      processingError: { code: 'CLIP_INVALID', message: expect.stringContaining('segments') },
    });
  });

  it('keeps what upstream wrote on the item', async () => {
    expect(await splicebus.clip('detected', 'good')).toMatchObject({
      status: 'Generation Complete',
      s3Key: 'detected/clips/good/clip.mp4',
      createdAt: '2026-01-02T03:04:05.000Z',
      GSI1SK: '2026-01-02T03:04:05.000Z#good',
      options: { cut: 'exact', audio: 'exact', quality: 'best', gaps: 'skip' },
      score: 0.93,
      detector: { model: 'laughs-v2', labels: ['joke', 'applause'] },
    });
  });

  it('leaves clips alone that are not "detected"', async () => {
    expect(await splicebus.clip('detected', 'done-before')).toEqual({
      pk: 'acme#detected',
      sk: 'clip#done-before',
      clipId: 'done-before',
      status: 'Generation Complete',
      segments: [SHORT],
    });
  });

  it('rejects a second request, because nothing is detected any more', async () => {
    const second = await splicebus.begin({ tenantId: TENANT_ID, episodeId: 'detected' });
    expect(await splicebus.finished(second)).toMatchObject({
      status: 'failed',
      processingError: { code: 'NO_CLIPS', message: expect.stringContaining('detected') },
    });
  });

  it('makes them again when the event is replayed, though they are not "detected" any more', async () => {
    const [begin] = ofType('Begin Clip Generation', 'detected');
    const replayed = { ...begin!, 'replay-name': 'again' };
    const executionId = executionIdOf(replayed);
    await splicebus.stack.lambda.invoke('splicebus-trigger-dev-beginClipGeneration', replayed);
    expect(await splicebus.finished(executionId)).toMatchObject({
      totalClips: 2,
      processedClips: 1,
      failedClips: 1,
    });
    expect(await splicebus.clip('detected', 'good')).toMatchObject({ executionId });
  });
});

describe('a recommendations file', () => {
  const put = (key: string, body: string) =>
    splicebus.clients.s3.send(
      new PutObjectCommand({ Bucket: splicebus.stack.bucketName, Key: key, Body: body }),
    );
  const upload = (name: string, text: string, episodeId = 'recommended') =>
    put(`${episodeId}/recommendations/${name}`, text);
  const created = (name: string) =>
    splicebus.events.all.find(
      ({ 'detail-type': type, detail }) =>
        type === 'Object Created' && JSON.stringify(detail).includes(`recommendations/${name}`),
    )!;

  beforeAll(async () => {
    await splicebus.ingest('plain', 'recommended');
  });

  it('starts the clips it lists as soon as it is in the bucket', async () => {
    const clips = [
      { clipId: 'first', segments: [SHORT] },
      { clipId: 'second', segments: [{ startTime: 4, endTime: 4.5 }] },
    ];
    await upload('today.json', JSON.stringify({ tenantId: TENANT_ID, model: 'v3', clips }));
    const finished = await splicebus.events.first(
      (event) =>
        event['detail-type'] === 'ExecutionFinished' && event.detail.episodeId === 'recommended',
    );
    expect(finished.detail).toMatchObject({ status: 'completed', processedClips: 2 });
    const asked = [{ startMs: 4_000, endMs: 4_500 }];
    expect(await splicebus.judge('recommended', 'second', asked)).toMatchObject({ faults: [] });
    // The request is on the bus itself, so that the archive holds it and a replay can repeat it.
    expect(ofType('Begin Clip Generation', 'recommended')).toMatchObject([
      { source: 'nullcheck.clips', detail: { tenantId: TENANT_ID, model: 'v3', clips } },
    ]);
  });

  it('starts no second execution when S3 sends its event twice', async () => {
    await splicebus.stack.idle();
    const executions = () =>
      new Set(ofType('ClipGenerationStarted', 'recommended').map((e) => e.detail.executionId));
    const before = {
      executions: executions(),
      first: await splicebus.clip('recommended', 'first'),
    };
    const { bus, ...event } = created('today.json');
    await splicebus.stack.eventbridge.publish(bus, { ...event, id: crypto.randomUUID() });
    await splicebus.stack.idle();
    expect(ofType('Begin Clip Generation', 'recommended')).toHaveLength(2);
    expect({
      executions: executions(),
      first: await splicebus.clip('recommended', 'first'),
    }).toEqual(before);
    expect(ofType('ExecutionFinished', 'recommended')).toHaveLength(1);
  });

  it('starts a new execution when the file is uploaded again', async () => {
    const clips = [{ clipId: 'first', segments: [SHORT] }];
    await upload('today.json', JSON.stringify({ tenantId: TENANT_ID, clips }));
    await splicebus.stack.idle();
    expect(ofType('ExecutionFinished', 'recommended')).toHaveLength(2);
  });

  it.each([
    ['no JSON', 'half.json', '{"tenantId":"acme","clips":[', 'half.json is not JSON'],
    ['no tenant', 'nobody.json', '{"clips":[{}]}', 'tenantId'],
    ['an unsafe tenant', 'evil.json', '{"tenantId":"../acme","clips":[{}]}', 'tenantId'],
    ['no clips', 'empty.json', '{"tenantId":"acme","clips":[]}', 'clips: must hold at least one'],
    ['a list', 'list.json', '[1,2]', 'expected object'],
  ])('is rejected on the bus when it holds %s', async (_what, name, text, says) => {
    await upload(name, text, 'malformed');
    await splicebus.stack.idle();
    expect(ofType('ClipGenerationRejected', 'malformed').at(-1)?.detail).toMatchObject({
      error: { code: 'RECOMMENDATIONS_INVALID', message: expect.stringContaining(says) },
      meta: { correlationId: created(name).id },
    });
  });

  it('reaches no episode that its tenant does not own', async () => {
    const clips = [{ clipId: 'stolen', segments: [SHORT] }];
    await upload('stolen.json', JSON.stringify({ tenantId: 'rival', clips }));
    await splicebus.stack.idle();
    expect(ofType('ClipGenerationRejected', 'recommended').at(-1)?.detail).toMatchObject({
      tenantId: 'rival',
      error: { code: 'EPISODE_NOT_FOUND' },
    });
    expect(await splicebus.keys('recommended/clips/stolen')).toEqual([]);
  });

  it('is left alone elsewhere in the bucket', async () => {
    const before = splicebus.events.all.length;
    await put('recommended/other.json', '{}');
    await put('a/b/recommendations/other.json', '{}');
    await splicebus.stack.idle();
    const added = splicebus.events.all.slice(before).map((event) => event['detail-type']);
    expect(added).toEqual(['Object Created', 'Object Created']);
  });
});
