import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hear, locateSound } from '#local/judge/index';
import { SAMPLE_RATE } from '#local/sample/index';
import { tableKeys } from '#shared/keys';
import { encoded, makeVoice } from '#shared/media/audio-clip/audio-file.fixture';
import type { WarmedMoment } from '../../services/extractor/src/audio-clips/warm-audio-clips.ts';
import { run } from '../harness/process.ts';
import { type Splicebus, startSplicebus, TENANT_ID } from '../harness/splicebus.ts';
import { WatchedFfmpeg } from './watched-ffmpeg.ts';

const FUNCTION = 'splicebus-extractor-dev-warmAudioClips';
const COMMAND = fileURLToPath(new URL('../../audio/warm.ts', import.meta.url));
/** Of the voice, and of the sample episodes. */
const VOICE_MS = 120_000;
const SAMPLE_MS = 24_000;

const folder = mkdtempSync(join(tmpdir(), 'splicebus-audio-clips-'));
const ffmpeg = new WatchedFfmpeg(folder);
let splicebus: Splicebus;
beforeAll(async () => {
  splicebus = await startSplicebus({ hostEnvironment: { FFMPEG_PATH: ffmpeg.path } });
  const voice = await makeVoice(folder);
  const audioFile = await encoded(voice, ['-c:a', 'aac', '-b:a', '96k'], 'talk.m4a', folder);
  await splicebus.ingest('plain', 'talk', TENANT_ID, audioFile);
  await splicebus.ingest('ntsc', 'filmed');
});
afterAll(async () => {
  await splicebus?.stop();
  rmSync(folder, { recursive: true });
});

interface Made {
  moments: WarmedMoment[];
  /** How often FFmpeg was started. */
  starts: number;
}

const moment = (startMs: number, endMs: number) => ({ startMs, endMs });

async function warm(
  episodeId: string,
  moments: readonly object[],
  tenantId = TENANT_ID,
): Promise<Made> {
  const before = ffmpeg.starts;
  const request = { tenantId, episodeId, moments };
  const { payload, functionError } = await splicebus.stack.lambda.invoke(FUNCTION, request);
  expect({ functionError, payload }).toMatchObject({ functionError: undefined });
  return { ...(payload as Pick<Made, 'moments'>), starts: ffmpeg.starts - before };
}

const recordOf = (episodeId: string, startMs: number, endMs: number, tenantId = TENANT_ID) =>
  splicebus.item<object>(tableKeys.audioClip({ tenantId, episodeId, startMs, endMs }));

/** How many samples late a clip is, near its begin and near its end; and how long it is. */
async function heardIn(s3Key: string, startMs: number, endMs: number) {
  const heard = (await hear('ffmpeg', join(splicebus.stack.s3Dir, s3Key), 'zero'))!;
  const samples = (ms: number) => Math.round((ms * SAMPLE_RATE) / 1000);
  const offsets = [100, endMs - startMs - 350].map((clipMs) => {
    const piece = heard.samples.subarray(samples(clipMs), samples(clipMs + 250));
    return locateSound(piece, samples(startMs + clipMs));
  });
  return { lengthMs: heard.endMs, offsets };
}

describe('audio clips of an episode with an audio file', () => {
  it('are made once, exact to the sample, and then only looked up', async () => {
    const wanted = [moment(10_000, 14_321), moment(95_003, 97_003)];
    const cold = await warm('talk', wanted);
    expect(cold.starts).toBe(2);
    for (const [n, clip] of cold.moments.entries()) {
      const { startMs, endMs } = wanted[n]!;
      const s3Key = `audio_clips/talk/${startMs}-${endMs}.mp3`;
      expect(clip).toMatchObject({ startMs, endMs, s3Key, cacheHit: false, reading: 'ranges' });
      expect(await recordOf('talk', startMs, endMs)).toMatchObject({ s3_key: s3Key });
      const { lengthMs, offsets } = await heardIn(s3Key, startMs, endMs);
      expect(lengthMs).toBe(endMs - startMs);
      expect(offsets).toEqual([0, 0]);
    }
    const again = await warm('talk', wanted);
    expect(again).toMatchObject({ moments: wanted.map(() => ({ cacheHit: true })), starts: 0 });
  });

  it('are cut once, when two ask at once', async () => {
    const before = ffmpeg.starts;
    const wanted = [moment(20_000, 50_000)];
    const made = await Promise.all([warm('talk', wanted), warm('talk', wanted)]);
    const hits = made.map(({ moments: [clip] }) => 'cacheHit' in clip! && clip.cacheHit);
    expect(hits.sort()).toEqual([false, true]);
    expect(ffmpeg.starts - before).toBe(1);
    expect(await splicebus.keys('audio_clips/talk/20000')).toHaveLength(1);
  });

  it('are made beside others that cannot be', async () => {
    const { moments } = await warm('talk', [
      moment(VOICE_MS - 1_000, VOICE_MS + 1_000),
      moment(5_000, 5_500),
      moment(VOICE_MS - 1_000, VOICE_MS),
    ]);
    expect(moments).toMatchObject([
      { error: { code: 'AUDIO_CLIP_PAST_END', message: expect.stringContaining('00:02:00.000') } },
      { error: { code: 'AUDIO_CLIP_INVALID' } },
      { cacheHit: false },
    ]);
  });

  it('are nobody else’s, even when they are there', async () => {
    await warm('talk', [moment(60_000, 61_000)]);
    const { moments, starts } = await warm('talk', [moment(60_000, 61_000)], 'stranger');
    expect(moments).toMatchObject([{ error: { code: 'EPISODE_NOT_FOUND' } }]);
    expect(starts).toBe(0);
    expect(await recordOf('talk', 60_000, 61_000, 'stranger')).toBeUndefined();
  });
});

describe('audio clips of an episode that has only a video', () => {
  it('hold its sound, exact to the sample', async () => {
    const [startMs, endMs] = [7_013, 9_513];
    const { moments } = await warm('filmed', [moment(startMs, endMs)]);
    expect(moments).toMatchObject([{ cacheHit: false, reading: 'chunks' }]);
    const s3Key = `audio_clips/filmed/${startMs}-${endMs}.mp3`;
    const { lengthMs, offsets } = await heardIn(s3Key, startMs, endMs);
    expect(lengthMs).toBe(endMs - startMs);
    expect(offsets).toEqual([0, 0]);
  });

  it('end with it', async () => {
    const { moments } = await warm('filmed', [moment(SAMPLE_MS - 1_000, SAMPLE_MS + 1_000)]);
    expect(moments).toMatchObject([{ error: { code: 'AUDIO_CLIP_PAST_END' } }]);
  });
});

describe('a function that dies while it cuts', () => {
  it('leaves a claim, and nothing else, which another one takes over', async () => {
    const [startMs, endMs] = [70_000, 72_000];
    const request = { tenantId: TENANT_ID, episodeId: 'talk', moments: [moment(startMs, endMs)] };
    ffmpeg.killNextFunction();
    const { functionError } = await splicebus.stack.lambda.invoke(FUNCTION, request);
    expect(functionError).toBe('Unhandled');
    expect(await splicebus.keys(`audio_clips/talk/${startMs}`)).toEqual([]);
    expect(await recordOf('talk', startMs, endMs)).toMatchObject({
      owner: expect.any(String),
      claimedUntil: expect.any(Number),
    });
    // As if half a minute had passed.
    await splicebus.clients.dynamodb.send(
      new UpdateCommand({
        TableName: splicebus.stack.tableName,
        Key: { ...tableKeys.audioClip({ tenantId: TENANT_ID, episodeId: 'talk', startMs, endMs }) },
        UpdateExpression: 'SET claimedUntil = :past',
        ExpressionAttributeValues: { ':past': Date.now() - 1 },
      }),
    );
    const { moments } = await warm('talk', request.moments);
    expect(moments).toMatchObject([{ cacheHit: false }]);
    expect(await recordOf('talk', startMs, endMs)).not.toHaveProperty('owner');
  });
});

describe('a request that does not fit', () => {
  it.each([
    ['no moments', { tenantId: TENANT_ID, episodeId: 'talk', moments: [] }],
    ['a reserved tenant', { tenantId: 'processing', episodeId: 'talk', moments: [moment(0, 1)] }],
    ['nothing', {}],
  ])('is refused as a whole: %s', async (_, request) => {
    const { payload, functionError } = await splicebus.stack.lambda.invoke(FUNCTION, request);
    expect(functionError).toBe('Unhandled');
    expect(payload).toMatchObject({
      errorType: 'PermanentError',
      errorMessage: expect.stringMatching(/^AUDIO_CLIP_INVALID: The moments do not fit/),
    });
  });
});

describe('npm run audio:warm', () => {
  const command = (...args: string[]) => {
    const node = ['--import', import.meta.resolve('tsx'), COMMAND];
    const all = ['--endpoint-url', splicebus.stack.endpointUrl, '--tenant', TENANT_ID, ...args];
    return run(process.execPath, [...node, ...all], { cwd: splicebus.stateDir });
  };

  it('makes what is not there, and says what was', async () => {
    const wanted = ['--episode', 'talk', '--moments', '30000-31000,80000-81000'];
    const first = await command(...wanted);
    expect(first).toMatchObject({ exitCode: 0, stderr: '' });
    expect(first.stdout).toContain(`${FUNCTION} at ${splicebus.stack.endpointUrl}\n`);
    expect(first.stdout).toMatch(
      /00:00:30\.000–00:00:31\.000 {2}made in [\d.]+ s, \d+ KB: audio_clips\/talk\/30000-31000\.mp3/,
    );
    const second = await command(...wanted);
    expect(second.stdout.match(/was there/g)).toHaveLength(2);
  });

  it('fails where a clip could not be made', async () => {
    const { exitCode, stdout } = await command('--episode', 'talk', '--moments', '119000-121000');
    expect(exitCode).toBe(1);
    expect(stdout).toContain('AUDIO_CLIP_PAST_END');
  });

  it('says what it was not told', async () => {
    const { exitCode, stderr } = await command('--episode', 'talk');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('--moments');
  });
});
