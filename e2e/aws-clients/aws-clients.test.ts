import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DescribeEventBusCommand, ListRulesCommand } from '@aws-sdk/client-eventbridge';
import { GetObjectCommand, HeadObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { awsCli, hasAwsCli } from '#local/testing/aws-cli';
import { type Splicebus, startSplicebus, TENANT_ID } from '../harness/splicebus.ts';

const folder = mkdtempSync(join(tmpdir(), 'splicebus-clients-'));
let splicebus: Splicebus;
beforeAll(async () => {
  splicebus = await startSplicebus();
  await splicebus.ingest('plain');
});
afterAll(async () => {
  await splicebus?.stop();
  rmSync(folder, { recursive: true });
});

/** The request of a clip, as an entry of PutEvents. */
const entryFor = (clipId: string) => ({
  EventBusName: splicebus.stack.busName,
  Source: 'nullcheck.clips',
  DetailType: 'Begin Clip Generation',
  Detail: JSON.stringify({
    tenantId: TENANT_ID,
    episodeId: 'plain',
    clips: [{ clipId, segments: [{ startTime: '00:00:02', endTime: '00:00:03.500' }] }],
  }),
});
const ASKED = [{ startMs: 2_000, endMs: 3_500 }];

const finished = () =>
  splicebus.events.first((event) => event['detail-type'] === 'ExecutionFinished');

describe.skipIf(!hasAwsCli)('the AWS CLI', () => {
  const aws = (...args: string[]) => awsCli(splicebus.stack.endpointUrl, args);
  const json = async (...args: string[]) => JSON.parse(await aws(...args));

  it('events put-events makes a clip', async () => {
    const entries = JSON.stringify([entryFor('from-cli')]);
    const answer = await json('events', 'put-events', '--entries', entries);
    expect(answer).toEqual({ FailedEntryCount: 0, Entries: [{ EventId: expect.any(String) }] });
    await finished();
    await splicebus.stack.idle();
    const verdict = await splicebus.judge('plain', 'from-cli', ASKED);
    expect(verdict).toMatchObject({ exact: true, faults: [] });
  });

  it('dynamodb get-item reads its record', async () => {
    const key = JSON.stringify({ pk: { S: `${TENANT_ID}#plain` }, sk: { S: 'clip#from-cli' } });
    const { tableName } = splicebus.stack;
    expect(
      await json('dynamodb', 'get-item', '--table-name', tableName, '--key', key),
    ).toMatchObject({
      Item: {
        status: { S: 'Generation Complete' },
        s3Key: { S: 'plain/clips/from-cli/clip.mp4' },
        duration: { S: '00:00:02' },
      },
    });
  });

  it('s3 ls lists it, and s3 cp brings it here', async () => {
    const url = `s3://${splicebus.stack.bucketName}/plain/clips/`;
    const { length: size } = readFileSync(splicebus.clipPath('plain', 'from-cli'));
    expect(await aws('s3', 'ls', '--recursive', url)).toMatch(
      new RegExp(` ${size} plain/clips/from-cli/clip\\.mp4\\n`),
    );
    const copy = join(folder, 'clip.mp4');
    await aws('s3', 'cp', `${url}from-cli/clip.mp4`, copy);
    expect(readFileSync(copy)).toEqual(readFileSync(splicebus.clipPath('plain', 'from-cli')));
  });

  it('s3 cp of a recommendations file makes the clips it lists', async () => {
    const file = join(folder, 'today.json');
    const { Detail } = entryFor('from-file');
    writeFileSync(file, Detail);
    const { bucketName } = splicebus.stack;
    await aws('s3', 'cp', file, `s3://${bucketName}/plain/recommendations/today.json`);
    await splicebus.events.first(
      ({ 'detail-type': type, detail }) => type === 'ClipStitched' && detail.clipId === 'from-file',
    );
    expect(await splicebus.judge('plain', 'from-file', ASKED)).toMatchObject({ faults: [] });
  });

  it('events list-rules shows the rules of all services', async () => {
    const { busName } = splicebus.stack;
    const { Rules } = await json('events', 'list-rules', '--event-bus-name', busName);
    const patterns = Rules.map(({ EventPattern }: { EventPattern: string }) =>
      JSON.parse(EventPattern),
    );
    expect(patterns).toEqual(
      expect.arrayContaining([
        { source: ['nullcheck.clips'], 'detail-type': ['Begin Clip Generation'] },
        { source: ['nullcheck.clips.trigger'], 'detail-type': ['SegmentRequested'] },
        { source: ['nullcheck.clips.extractor'], 'detail-type': ['SegmentExtracted'] },
        { source: ['nullcheck.clips.stitcher'], 'detail-type': ['StitchRequested'] },
        { source: [{ prefix: 'nullcheck.clips.' }] },
      ]),
    );
  });

  it('explains what is wrong, as AWS does', async () => {
    await expect(json('events', 'list-rules', '--event-bus-name', 'no-such-bus')).rejects.toThrow(
      'ResourceNotFoundException',
    );
    await expect(
      aws('s3', 'cp', `s3://${splicebus.stack.bucketName}/nothing`, folder),
    ).rejects.toThrow('404');
  });
});

describe('the SDK for JavaScript', () => {
  it('EventBridge makes a clip, DynamoDB reads its record, S3 its file', async () => {
    const { Source, DetailType, Detail } = entryFor('from-sdk');
    await splicebus.put(Source, DetailType, JSON.parse(Detail));
    await splicebus.events.first(
      ({ 'detail-type': type, detail }) => type === 'ClipStitched' && detail.clipId === 'from-sdk',
    );
    await splicebus.stack.idle();
    const record = await splicebus.clip('plain', 'from-sdk');
    expect(record?.status).toBe('Generation Complete');

    const object = { Bucket: splicebus.stack.bucketName, Key: record!.s3Key! };
    const { Body } = await splicebus.clients.s3.send(new GetObjectCommand(object));
    const bytes = Buffer.from(await Body!.transformToByteArray());
    expect(bytes).toEqual(readFileSync(splicebus.clipPath('plain', 'from-sdk')));
  });

  it('S3 gives a player a link to the clip, and the parts it asks for', async () => {
    const object = { Bucket: splicebus.stack.bucketName, Key: 'plain/clips/from-sdk/clip.mp4' };
    const { ContentLength } = await splicebus.clients.s3.send(new HeadObjectCommand(object));
    const url = await getSignedUrl(splicebus.clients.s3, new GetObjectCommand(object));
    const response = await fetch(url, { headers: { range: 'bytes=4-11' } });
    expect(response.status).toBe(206);
    expect(response.headers.get('content-range')).toBe(`bytes 4-11/${ContentLength}`);
    expect(response.headers.get('content-type')).toBe('video/mp4');
    expect(await response.text()).toMatch(/^ftyp/);
  });

  it('EventBridge describes the bus and its rules', async () => {
    const { events } = splicebus.clients;
    const { busName } = splicebus.stack;
    expect(await events.send(new DescribeEventBusCommand({ Name: busName }))).toMatchObject({
      Name: busName,
      Arn: `arn:aws:events:us-east-1:000000000000:event-bus/${busName}`,
    });
    const { Rules } = await events.send(new ListRulesCommand({ EventBusName: busName }));
    expect(Rules?.every(({ State }) => State === 'ENABLED')).toBe(true);
  });
});
