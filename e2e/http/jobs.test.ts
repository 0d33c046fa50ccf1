import { createHash, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JobAnswer } from '#shared/api/fields';
import type { ListedClip } from '#shared/api/list-clips';
import { BeginClipGeneration } from '#shared/events/begin-clip-generation';
import { tableKeys } from '#shared/keys';
import { ApiCaller } from '../harness/api.ts';
import { type Splicebus, startSplicebus, TENANT_ID } from '../harness/splicebus.ts';

let splicebus: Splicebus;
let api: ApiCaller;
let admin: ApiCaller;

beforeAll(async () => {
  splicebus = await startSplicebus();
  await splicebus.ingest('plain', 'pilot');
  await splicebus.ingest('plain', 'empty');
  api = await ApiCaller.of(splicebus);
  admin = await ApiCaller.of(splicebus, { isAdmin: true });
});
afterAll(() => splicebus?.stop());

const segment = (startTime: number, endTime = startTime + 1) => ({ startTime, endTime });
const begun = () =>
  splicebus.events.all.filter((event) => event['detail-type'] === BeginClipGeneration.detailType);

describe('a clip over HTTP', () => {
  it('is asked for, watched, downloaded and listed', async () => {
    const [job, other] = await api.generate({
      episodeId: 'pilot',
      clips: [{ clipId: 'flow', segments: [segment(2), segment(7)] }, { segments: [segment(4)] }],
    });
    expect(job).toMatchObject({ episodeId: 'pilot', clipId: 'flow' });
    expect(other!.clipId).toMatch(/^clip-/);

    const seen = await api.watch(job!);
    const percentages = seen.map(({ percentage }) => percentage);
    expect(percentages).toEqual([...percentages].sort((a, b) => a - b));
    expect(percentages.filter((one) => one === 100)).toHaveLength(1);
    expect(seen.at(-1)).toMatchObject({
      status: 'Generation Complete',
      stage: 'complete',
      segments: [
        { index: 0, startTime: '00:00:02.000', endTime: '00:00:03.000', state: 'extracted' },
        { index: 1, state: 'extracted' },
      ],
    });
    expect(seen.at(-1)!.statusHistory.at(-1)).toMatchObject({ event: 'ClipStitched' });

    const { status, headers } = await api.get(job!.links.download);
    expect(status).toBe(302);
    const file = await readFile(splicebus.clipPath('pilot', 'flow'));
    const whole = await fetch(headers.get('location')!);
    expect(whole.headers.get('content-disposition')).toBe('attachment; filename="pilot-flow.mp4"');
    expect(hashOf(Buffer.from(await whole.arrayBuffer()))).toBe(hashOf(file));
    const part = await fetch(headers.get('location')!, { headers: { Range: 'bytes=100-199' } });
    expect(part.status).toBe(206);
    expect(Buffer.from(await part.arrayBuffer()).equals(file.subarray(100, 200))).toBe(true);

    await api.watch(other!);
    const { body } = await api.get<{ clips: ListedClip[] }>('/api/v1/episodes/pilot/clips');
    expect(body.clips.map(({ jobId }) => jobId)).toEqual(
      expect.arrayContaining([job!.jobId, other!.jobId]),
    );
    const spans = [
      { startMs: 2_000, endMs: 3_000 },
      { startMs: 7_000, endMs: 8_000 },
    ];
    expect(await splicebus.judge('pilot', 'flow', spans)).toMatchObject({
      exact: true,
      faults: [],
    });
  });

  it('is begun by what is known of the request, and by nothing else', async () => {
    const known = { clipId: 'known', segments: [segment(2)] };
    const [job] = await api.generate({
      episodeId: 'pilot',
      cut: 'exact',
      note: 'unknown',
      clips: [{ ...known, note: 'unknown', segments: [{ ...segment(2), note: 'unknown' }] }],
    });
    await api.watch(job!);
    const { detail } = begun().at(-1)!;
    expect(detail).toMatchObject({ cut: 'exact', clips: [known] });
    expect(JSON.stringify(detail)).not.toContain('unknown');
  });

  it('is there for whoever asked, at once', async () => {
    const [job] = await api.generate({ episodeId: 'pilot', clips: [{ segments: [segment(9)] }] });
    const first = await api.status(job!);
    expect(first.status).toBe('Generation in Progress');
    const early = await api.get(job!.links.download);
    expect([302, 425]).toContain(early.status);
    if (early.status === 425) expect(early.headers.get('retry-after')).toBe('2');
    await api.watch(job!);
  });

  it('fails with the reason, in its status and where its file should be', async () => {
    const [job] = await api.generate({
      episodeId: 'pilot',
      clips: [{ clipId: 'outside', segments: [segment(5_000)] }],
    });
    const end = (await api.watch(job!)).at(-1)!;
    expect(end).toMatchObject({
      ...{ status: 'Generation Failed', stage: 'failed' },
      processingError: { code: 'SEGMENT_OUTSIDE_EPISODE' },
      segments: [{ index: 0, state: 'failed' }],
    });
    const { status, body } = await api.get(job!.links.download);
    expect(status).toBe(409);
    expect(body).toMatchObject({ code: 'CLIP_NOT_MADE' });
    expect(body.detail).toContain('SEGMENT_OUTSIDE_EPISODE');
  });

  it('is gone once its file is', async () => {
    const [job] = await api.generate({
      episodeId: 'pilot',
      clips: [{ clipId: 'removed', segments: [segment(1)] }],
    });
    await api.watch(job!);
    await splicebus.clients.s3.send(
      new DeleteObjectCommand({
        Bucket: splicebus.stack.bucketName,
        Key: 'pilot/clips/removed/clip.mp4',
      }),
    );
    const { status, body } = await api.get(job!.links.download);
    expect([status, body.code]).toEqual([410, 'CLIP_GONE']);
  });
});

describe('an Idempotency-Key', () => {
  const clips = [{ clipId: 'once', segments: [segment(3)] }];

  it('gives the same jobs for the same request, and begins them once', async () => {
    const headers = { 'Idempotency-Key': randomUUID() };
    const before = begun().length;
    const all = await Promise.all(
      [1, 2, 3].map(() => api.generate({ episodeId: 'pilot', clips }, headers)),
    );
    const [first] = all as [JobAnswer[]];
    expect(all).toEqual([first, first, first]);
    await api.watch(first[0]!);
    expect(await api.generate({ episodeId: 'pilot', clips }, headers)).toEqual(first);
    await splicebus.stack.idle();
    // Those that came at once may each have been published; they are the same execution.
    const executions = begun()
      .slice(before)
      .map(({ detail }) => (detail as { requestId: string }).requestId);
    expect(new Set(executions).size).toBe(1);
    const stitched = splicebus.events.all.filter(
      ({ 'detail-type': type, detail }) =>
        type === 'ClipStitched' &&
        (detail as { executionId: string }).executionId === first[0]!.executionId,
    );
    expect(stitched.length).toBeGreaterThan(0);
    const ids = stitched.map(
      ({ detail }) => (detail as { meta: { eventId: string } }).meta.eventId,
    );
    expect(new Set(ids).size).toBe(1);
  });

  it('refuses another body', async () => {
    const headers = { 'Idempotency-Key': randomUUID() };
    await api.generate({ episodeId: 'pilot', clips }, headers);
    const body = { episodeId: 'pilot', clips: [{ segments: [segment(5)] }] };
    const answer = await api.post('/api/v1/videos/generate', { body, headers });
    expect([answer.status, answer.body.code]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
  });

  it('takes the same body with its keys in another order', async () => {
    const headers = { 'Idempotency-Key': randomUUID() };
    const { startTime, endTime } = segment(3);
    const first = await api.generate(
      { episodeId: 'pilot', cut: 'exact', clips: [{ clipId: 'turned', segments: [segment(3)] }] },
      headers,
    );
    const turned = [{ segments: [{ endTime, startTime }], clipId: 'turned' }];
    expect(
      await api.generate({ clips: turned, cut: 'exact', episodeId: 'pilot' }, headers),
    ).toEqual(first);
  });

  it.each([
    ['a clipId twice', [...clips, ...clips], 'CLIP_DUPLICATE'],
    ['too long a segment', [{ segments: [segment(0, 1_801)] }], 'CLIP_INVALID'],
    ['too many segments', [{ segments: Array(101).fill(segment(1)) }], 'CLIP_INVALID'],
  ])('is not used up by a request that is refused: %s', async (_, refused, code) => {
    const headers = { 'Idempotency-Key': randomUUID() };
    const body = { episodeId: 'pilot', clips: refused };
    const answer = await api.post('/api/v1/videos/generate', { body, headers });
    expect([answer.status, answer.body.code]).toEqual([400, code]);
    const mended = [{ clipId: 'mended', segments: [segment(3)] }];
    const [job] = await api.generate({ episodeId: 'pilot', clips: mended }, headers);
    expect(job).toMatchObject({ clipId: 'mended' });
  });

  it('is the tenant’s own', async () => {
    await splicebus.ingest('plain', 'theirs', 'globex');
    const other = await ApiCaller.of(splicebus, { tenantId: 'globex' });
    const headers = { 'Idempotency-Key': randomUUID() };
    await api.generate({ episodeId: 'pilot', clips }, headers);
    const [job] = await other.generate({ episodeId: 'theirs', clips }, headers);
    expect(job).toMatchObject({ episodeId: 'theirs' });
  });

  it('is none without one: the same request is two', async () => {
    const [[one], [two]] = [
      await api.generate({ episodeId: 'pilot', clips }),
      await api.generate({ episodeId: 'pilot', clips }),
    ];
    expect(one!.jobId).not.toBe(two!.jobId);
    await api.watch(one!);
    await api.watch(two!);
    // Which of them began first is not said; the other is the clip's newest.
    const supersededBy = [await api.status(one!), await api.status(two!)].map(
      (job) => job.supersededBy,
    );
    expect([
      [two!.jobId, undefined],
      [undefined, one!.jobId],
    ]).toContainEqual(supersededBy);
  });
});

describe('what does not fit is refused', () => {
  it.each<[what: string, body: unknown, status: number, code: string, field?: string]>([
    ['no body', '', 400, 'BODY_NOT_JSON'],
    ['no episode', { clips: [] }, 400, 'REQUEST_INVALID', 'episodeId'],
    ['no clips', { episodeId: 'pilot', clips: [] }, 400, 'REQUEST_INVALID', 'clips'],
    [
      'a segment that ends before it begins',
      { episodeId: 'pilot', clips: [{ segments: [segment(5, 4)] }] },
      400,
      'REQUEST_INVALID',
      'clips.0.segments.0.endTime',
    ],
    [
      'a path for a clipId',
      { episodeId: 'pilot', clips: [{ clipId: '../x', segments: [segment(1)] }] },
      400,
      'REQUEST_INVALID',
      'clips.0.clipId',
    ],
    [
      'a clip twice',
      { episodeId: 'pilot', clips: [1, 2].map((n) => ({ clipId: 'x', segments: [segment(n)] })) },
      400,
      'CLIP_DUPLICATE',
      'clips.1',
    ],
    [
      'too many segments',
      { episodeId: 'pilot', clips: [{ segments: Array(101).fill(segment(1)) }] },
      400,
      'CLIP_INVALID',
      'clips.0',
    ],
    [
      'an episode that is not there',
      { episodeId: 'nowhere', clips: [{ segments: [segment(1)] }] },
      404,
      'EPISODE_NOT_FOUND',
    ],
    [
      'a track that is not there',
      { episodeId: 'pilot', trackName: 'side', clips: [{ segments: [segment(1)] }] },
      404,
      'TRACK_NOT_FOUND',
    ],
    ['an episode without detected clips', { episodeId: 'empty' }, 400, 'NO_CLIPS'],
  ])('%s', async (_what, body, status, code, field) => {
    const before = begun().length;
    const answer = await api.post('/api/v1/videos/generate', { body });
    expect(answer.body).toMatchObject({ status, code });
    expect(answer.body.field).toBe(field);
    expect(begun()).toHaveLength(before);
  });

  it('a body that is no JSON', async () => {
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    const answer = await api.post('/api/v1/videos/generate', { body: 'a=b', headers });
    expect([answer.status, answer.body.code]).toEqual([415, 'CONTENT_TYPE_UNSUPPORTED']);
  });

  it('a body that no event can hold', async () => {
    const text = 'x'.repeat(9_999);
    const segments = Array.from({ length: 30 }, (_, n) => ({ ...segment(n), text }));
    const body = { episodeId: 'pilot', clips: [{ segments }] };
    const answer = await api.post('/api/v1/videos/generate', { body });
    expect([answer.status, answer.body.code]).toEqual([413, 'BODY_TOO_LARGE']);
  });

  it.each(['status', 'download'])('a job that is not there: %s', async (what) => {
    const { status, body } = await api.get(
      `/api/v1/videos/jobs/pilot~nothing~${'0'.repeat(32)}/${what}`,
    );
    expect([status, body.code]).toEqual([404, 'JOB_NOT_FOUND']);
  });

  it('an id that is none', async () => {
    const { status, body } = await api.get('/api/v1/videos/jobs/pilot~one~newest/status');
    expect([status, body.code, body.field]).toEqual([400, 'REQUEST_INVALID', 'job_id']);
  });
});

describe('the clips of an episode', () => {
  it('that nobody has requested are listed as detected, and made as upstream has it', async () => {
    await splicebus.ingest('plain', 'found');
    const title = 'When it flew';
    for (const n of [1, 2, 3]) {
      const detected = { tenantId: TENANT_ID, episodeId: 'found', clipId: `found-${n}` };
      const described = n === 1 ? { title, description: 'All of it.', renditions: ['720p'] } : {};
      await splicebus.clients.dynamodb.send(
        new PutCommand({
          TableName: splicebus.stack.tableName,
          Item: {
            ...tableKeys.clip(detected),
            ...detected,
            ...described,
            ...{ status: 'detected', segments: [segment(n)] },
          },
        }),
      );
    }
    const list = async (query: string) => {
      const path = `/api/v1/episodes/found/clips?status=detected${query}`;
      return (await api.get<{ clips: ListedClip[]; nextCursor?: string }>(path)).body;
    };
    const { clips: first, nextCursor } = await list('&limit=2');
    expect(first).toEqual([
      { clipId: 'found-1', status: 'detected', title, description: 'All of it.' },
      { clipId: 'found-2', status: 'detected' },
    ]);
    expect(await list(`&limit=2&cursor=${nextCursor}`)).toEqual({
      clips: [{ clipId: 'found-3', status: 'detected' }],
    });
    const jobs = await api.generate({ episodeId: 'found' });
    for (const job of jobs) await api.watch(job);
    await splicebus.stack.idle();
    expect(await list('')).toEqual({ clips: [] });
    const [one] = jobs;
    expect(await api.status(one!)).toMatchObject({ title, description: 'All of it.' });
    const { body } = await api.get(one!.links.metadata);
    expect(body).toMatchObject({ title });
    expect(body.renditions).toContainEqual(expect.objectContaining({ quality: '720p' }));
  });

  it('come newest first, in pages, and by their status', async () => {
    await splicebus.ingest('plain', 'paged');
    const made: string[] = [];
    for (const n of [1, 2, 3, 4, 5]) {
      const clipId = `number-${n}`;
      const start = n === 3 ? 5_000 : n;
      const [job] = await api.generate({
        episodeId: 'paged',
        clips: [{ clipId, segments: [segment(start)] }],
      });
      await api.watch(job!);
      made.unshift(clipId);
    }
    await splicebus.stack.idle();
    const listed: string[] = [];
    let cursor: string | undefined;
    do {
      const query = `limit=2${cursor ? `&cursor=${cursor}` : ''}`;
      const path = `/api/v1/episodes/paged/clips?${query}`;
      const { body } = await api.get<{ clips: ListedClip[]; nextCursor?: string }>(path);
      expect(body.clips.length).toBeLessThanOrEqual(2);
      listed.push(...body.clips.map(({ clipId }) => clipId));
      cursor = body.nextCursor;
    } while (cursor);
    expect(listed).toEqual(made);

    const failed = encodeURIComponent('Generation Failed');
    const path = `/api/v1/episodes/paged/clips?status=${failed}`;
    const { body } = await api.get<{ clips: ListedClip[] }>(path);
    expect(body.clips.map(({ clipId }) => clipId)).toEqual(['number-3']);
  });

  it.each([
    ['limit=0', 'limit'],
    ['limit=101', 'limit'],
    ['status=done', 'status'],
    ['cursor=nonsense', 'cursor'],
  ])('are not listed by %s', async (query, field) => {
    const { status, body } = await api.get(`/api/v1/episodes/pilot/clips?${query}`);
    expect([status, body.field]).toEqual([400, field]);
  });

  it('are nobody’s where there is no episode', async () => {
    const { status, body } = await api.get('/api/v1/episodes/nowhere/clips');
    expect([status, body.code]).toEqual([404, 'EPISODE_NOT_FOUND']);
  });
});

describe('mending', () => {
  it('makes a clip anew', async () => {
    const [job] = await api.generate({
      episodeId: 'pilot',
      clips: [{ clipId: 'again', segments: [segment(6)] }],
    });
    await api.watch(job!);
    const headers = { 'Idempotency-Key': randomUUID() };
    const path = `/api/v1/admin/jobs/${job!.jobId}/reprocess`;
    const first = await admin.post<{ job: JobAnswer }>(path, { headers });
    expect(first.status).toBe(202);
    expect(first.body.job).toMatchObject({ episodeId: 'pilot', clipId: 'again' });
    expect(first.body.job.jobId).not.toBe(job!.jobId);
    const end = (await api.watch(first.body.job)).at(-1)!;
    expect(end.status).toBe('Generation Complete');
    const old = await api.status(job!);
    expect(old).toMatchObject({ stage: 'complete', supersededBy: first.body.job.jobId });
    const replaced = await admin.post(path);
    expect([replaced.status, replaced.body.code]).toEqual([409, 'JOB_ENDED']);
  });

  it('cancels what is being made, and nothing that has ended', async () => {
    const [job] = await api.generate({
      episodeId: 'pilot',
      clips: [{ clipId: 'ended', segments: [segment(8)] }],
    });
    await api.watch(job!);
    const path = `/api/v1/admin/jobs/${job!.jobId}/cancel`;
    const late = await admin.post(path);
    expect([late.status, late.body.code]).toEqual([409, 'JOB_ENDED']);
  });
});

const hashOf = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
