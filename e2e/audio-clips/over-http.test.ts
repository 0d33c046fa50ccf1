import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { hear, locateSound } from '#local/judge/index';
import { SAMPLE_RATE } from '#local/sample/index';
import { ApiCaller } from '../harness/api.ts';
import { type Splicebus, startSplicebus } from '../harness/splicebus.ts';
import { WatchedFfmpeg } from './watched-ffmpeg.ts';

const EPISODE_MS = 24_000;

const folder = mkdtempSync(join(tmpdir(), 'splicebus-audio-clips-'));
const ffmpeg = new WatchedFfmpeg(folder);
let splicebus: Splicebus;
let api: ApiCaller;
beforeAll(async () => {
  splicebus = await startSplicebus({ hostEnvironment: { FFMPEG_PATH: ffmpeg.path } });
  await splicebus.ingest('plain', 'talk');
  await splicebus.ingest('plain', 'chunkless');
  api = await ApiCaller.of(splicebus);
});
afterAll(async () => {
  await splicebus?.stop();
  rmSync(folder, { recursive: true });
});

interface AudioClipAnswer {
  clip_url: string;
  cache_hit: boolean;
  generation_time_ms: number;
}

const ask = (startMs: number | string, durationMs: number | string, episodeId = 'talk') =>
  api.get<AudioClipAnswer & Record<string, unknown>>(
    `/api/v1/audio_clips/${episodeId}?start_time_ms=${startMs}&duration_ms=${durationMs}`,
  );

it('is cut, and heard at its URL, to the sample', async () => {
  const [startMs, durationMs] = [6_001, 3_500];
  const { status, body } = await ask(startMs, durationMs);
  expect(status).toBe(200);
  expect(body).toMatchObject({ cache_hit: false });
  const url = new URL(body.clip_url);
  expect(url.pathname).toMatch(/\/audio_clips\/talk\/6001-9501\.mp3$/);
  expect(url.searchParams.get('X-Amz-Expires')).toBe('86400');
  const response = await fetch(url);
  expect(response.headers.get('content-type')).toBe('audio/mpeg');
  const file = join(folder, 'heard.mp3');
  writeFileSync(file, Buffer.from(await response.arrayBuffer()));
  const heard = (await hear('ffmpeg', file, 'zero'))!;
  expect(heard.endMs).toBe(durationMs);
  const samples = (ms: number) => Math.round((ms * SAMPLE_RATE) / 1000);
  const piece = heard.samples.subarray(samples(1_000), samples(1_250));
  expect(locateSound(piece, samples(startMs + 1_000))).toBe(0);
});

it('is there afterwards, without FFmpeg', async () => {
  await ask(1_000, 2_000);
  const before = ffmpeg.starts;
  const { body } = await ask(1_000, 2_000);
  expect(body.cache_hit).toBe(true);
  expect(ffmpeg.starts).toBe(before);
});

it('is cut once for all who ask at once', async () => {
  const before = ffmpeg.starts;
  const answers = await Promise.all([1, 2, 3].map(() => ask(10_000, 5_000)));
  expect(answers.map(({ body }) => body.cache_hit).sort()).toEqual([false, true, true]);
  expect(ffmpeg.starts - before).toBe(1);
});

it('ends with the episode, whose length is told', async () => {
  const { status, body } = await ask(EPISODE_MS - 1_000, 1_500);
  expect(status).toBe(400);
  expect(body).toMatchObject({
    ...{ code: 'AUDIO_CLIP_PAST_END', field: 'start_time_ms', episodeDurationMs: EPISODE_MS },
    detail: expect.stringContaining('00:00:24.000'),
  });
  expect((await ask(EPISODE_MS - 1_000, 1_000)).status).toBe(200);
});

it.each([
  [0, 999, 'AUDIO_CLIP_INVALID', 'duration_ms'],
  [0, 300_001, 'AUDIO_CLIP_INVALID', 'duration_ms'],
  [-1, 1_000, 'REQUEST_INVALID', 'start_time_ms'],
  ['', 1_000, 'REQUEST_INVALID', 'start_time_ms'],
  [0, '1e3', 'REQUEST_INVALID', 'duration_ms'],
])('is refused from %j for %j ms', async (startMs, durationMs, code, field) => {
  const { status, body } = await ask(startMs, durationMs);
  expect({ status, ...body }).toMatchObject({ status: 400, code, field });
});

it('needs both times', async () => {
  const { status, body } = await api.get('/api/v1/audio_clips/talk?start_time_ms=0');
  expect({ status, ...body }).toMatchObject({ status: 400, field: 'duration_ms' });
});

it('needs an episode, and its chunks', async () => {
  expect((await ask(0, 1_000, 'nothing')).body.code).toBe('EPISODE_NOT_FOUND');
  for (const key of await splicebus.keys('chunkless/tracks/')) {
    if (!key.endsWith('.m3u8')) rmSync(join(splicebus.stack.s3Dir, key));
  }
  const { status, body } = await ask(0, 1_000, 'chunkless');
  expect([status, body.code]).toEqual([409, 'CHUNK_NOT_FOUND']);
});
