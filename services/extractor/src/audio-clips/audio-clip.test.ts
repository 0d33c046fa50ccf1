import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DeleteObjectCommand, HeadObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Episode } from '#local/sample/index';
import { encoded, makeVoice, VOICE_SECONDS } from '#shared/media/audio-clip/audio-file.fixture';
import { smallEpisode } from '#shared/media/clip.fixture';
import { garbled, withAudioBetween } from '#shared/media/sources/damaged-audio.fixture';
import { startDeployment, type TestDeployment } from '#shared/storage/deployment.fixture';
import type * as audioClipModule from './audio-clip.ts';

const { signal } = new AbortController();
const END_MS = VOICE_SECONDS * 1000;
const CLAIM_MS = 30_000;

let folder: string;
let deployment: TestDeployment;
let module: typeof audioClipModule;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'splicebus-audio-clips-'));
  deployment = await startDeployment();
  module = await import('./audio-clip.ts');
  const voice = await makeVoice(folder);
  const options = ['-c:a', 'libmp3lame', '-b:a', '64k'];
  await putAudio('talk', await encoded(voice, options, 'talk.mp3', folder));
  await putAudio(
    'varying',
    await encoded(voice, ['-c:a', 'libmp3lame', '-q:a', '4'], 'v.mp3', folder),
  );
});
afterAll(async () => {
  await deployment?.stop();
  await rm(folder, { recursive: true });
});

async function putAudio(episodeId: string, file: string): Promise<void> {
  const audioKey = `${episodeId}/audio/sound.mp3`;
  await deployment.putObject(audioKey, await readFile(file));
  await putEpisode(episodeId, { audioKey });
}

const putEpisode = (episodeId: string, item: object, tenantId = 'acme') =>
  deployment.putItem({ pk: `${tenantId}#${episodeId}`, sk: 'episode', ...item });

/** Uploads a sample episode, which has no audio file. */
async function putTrack(
  episodeId: string,
  audio: boolean,
  episode: Promise<Pick<Episode, 'playlistPath'>> = smallEpisode({ audio }),
): Promise<void> {
  const { playlistPath } = await episode;
  const text = await readFile(playlistPath, 'utf8');
  const names = text.split('\n').filter((line) => line && !line.startsWith('#'));
  for (const name of [...names, 'index.m3u8']) {
    const bytes = await readFile(join(dirname(playlistPath), name));
    await deployment.putObject(`${episodeId}/tracks/main/${name}`, bytes);
  }
  const playlistKey = `${episodeId}/tracks/main/index.m3u8`;
  await putEpisode(episodeId, { tracks: { main: { playlistKey } } });
}

const ask = (
  episodeId: string,
  startMs: number,
  durationMs: number,
  {
    tenantId = 'acme',
    ...invocation
  }: { tenantId?: string } & Partial<audioClipModule.AudioClipInvocation> = {},
) => module.audioClip({ tenantId, episodeId, startMs, durationMs }, { signal, ...invocation });

async function keys(prefix: string): Promise<string[]> {
  const { Contents = [] } = await deployment.s3.send(
    new ListObjectsV2Command({ Bucket: deployment.bucketName, Prefix: prefix }),
  );
  return Contents.map(({ Key }) => Key!);
}

/** A clock on which time passes by waiting only. */
function clockAt(startMs: number): audioClipModule.Clock {
  let now = startMs;
  return {
    now: () => now,
    sleep: async (ms) => {
      now += ms;
    },
  };
}

describe('an audio clip', () => {
  it('is made, and then found without FFmpeg', async () => {
    const s3Key = 'audio_clips/talk/10000-14500.mp3';
    const made = await ask('talk', 10_000, 4_500);
    const { ContentType, ContentLength } = await deployment.s3.send(
      new HeadObjectCommand({ Bucket: deployment.bucketName, Key: s3Key }),
    );
    expect(ContentType).toBe('audio/mpeg');
    expect(made).toEqual({
      s3Key,
      cacheHit: false,
      generationTimeMs: expect.any(Number),
      fileSizeBytes: ContentLength,
      bytesRead: expect.any(Number),
      reading: 'ranges',
    });
    expect(await deployment.items('acme#talk')).toMatchObject({
      'audio#10000-14500': {
        episode_id: 'talk',
        clip_start_ms: 10_000,
        clip_end_ms: 14_500,
        s3_key: s3Key,
        generated_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        file_size_bytes: ContentLength,
      },
    });
    vi.stubEnv('FFMPEG_PATH', '/nowhere');
    expect(await ask('talk', 10_000, 4_500)).toEqual({
      s3Key,
      cacheHit: true,
      generationTimeMs: expect.any(Number),
      fileSizeBytes: ContentLength,
    });
    vi.stubEnv('FFMPEG_PATH', 'ffmpeg');
  });

  it('is cut once, however many ask for it at once', async () => {
    const clips = await Promise.all(Array.from({ length: 4 }, () => ask('talk', 20_000, 2_000)));
    expect(clips.filter(({ cacheHit }) => !cacheHit)).toHaveLength(1);
    expect(new Set(clips.map(({ fileSizeBytes }) => fileSizeBytes)).size).toBe(1);
    const { 'audio#20000-22000': record } = await deployment.items('acme#talk');
    expect(Object.keys(record!).sort()).toEqual([
      'clip_end_ms',
      'clip_start_ms',
      'episode_id',
      'file_size_bytes',
      'generated_at',
      's3_key',
    ]);
  });

  it('of an MP3 whose bit rate varies costs one look at all of it', async () => {
    const first = await ask('varying', 30_000, 2_000);
    const second = await ask('varying', 90_000, 2_000);
    expect([first.reading, second.reading]).toEqual(['indexed', 'ranges']);
    expect(second.bytesRead! / first.bytesRead!).toBeLessThan(0.2);
    expect(await keys('audio_indexes/varying/')).toHaveLength(1);
  });

  it('is made of the sound beside the pictures, where there is no audio file', async () => {
    await putTrack('filmed', true);
    expect(await ask('filmed', 7_000, 1_500)).toMatchObject({
      cacheHit: false,
      reading: 'chunks',
    });
  });

  it.each<[what: string, from: number]>([
    ['silent where the chunks cannot be decoded', 5],
    ['refused where nothing can be decoded', 0],
  ])('is %s', async (what, from) => {
    const episodeId = `damaged-${from}`;
    await putTrack(episodeId, true, withAudioBetween(from, from + 8, garbled, folder));
    if (what.startsWith('refused')) {
      const code = 'CHUNK_UNDECODABLE';
      await expect(ask(episodeId, 2_000, 4_000)).rejects.toMatchObject({ code });
      return;
    }
    const warnings = [
      { code: 'AUDIO_LOST', atMs: expect.closeTo(5_100, -2.4), message: expect.any(String) },
    ];
    expect(await ask(episodeId, 3_000, 4_000)).toMatchObject({ cacheHit: false, warnings });
    // A second request gets the warnings, too.
    expect(await ask(episodeId, 3_000, 4_000)).toMatchObject({ cacheHit: true, warnings });
  });

  it('that was made for another tenant of the same episode is recorded for this one, too', async () => {
    await ask('talk', 40_000, 1_000);
    await putEpisode('talk', { audioKey: 'talk/audio/sound.mp3' }, 'other');
    expect(await ask('talk', 40_000, 1_000, { tenantId: 'other' })).toMatchObject({
      cacheHit: true,
    });
    expect(await deployment.items('other#talk')).toMatchObject({
      'audio#40000-41000': { clip_start_ms: 40_000, file_size_bytes: expect.any(Number) },
    });
  });

  it('is made again where its file was removed', async () => {
    const { s3Key } = await ask('talk', 50_000, 1_000);
    await deployment.s3.send(
      new DeleteObjectCommand({ Bucket: deployment.bucketName, Key: s3Key }),
    );
    expect(await ask('talk', 50_000, 1_000)).toMatchObject({ cacheHit: false });
  });
});

describe('whoever waits for another call', () => {
  const claim = (startMs: number, endMs: number, claimedUntil: number) =>
    deployment.putItem({
      pk: 'acme#talk',
      sk: `audio#${startMs}-${endMs}`,
      owner: 'another call',
      claimedUntil,
    });

  it('cuts the clip once the claim of a call that has died runs out', async () => {
    const clock = clockAt(Date.now());
    const begunAt = clock.now();
    await claim(60_000, 61_000, begunAt + CLAIM_MS);
    const clip = await ask('talk', 60_000, 1_000, { clock, patienceMs: 2 * CLAIM_MS });
    expect(clip.cacheHit).toBe(false);
    expect(clip.generationTimeMs).toBeGreaterThan(CLAIM_MS);
    expect(clip.generationTimeMs).toBeLessThan(CLAIM_MS + 1_000);
  });

  it('is told to ask again when it has waited long enough', async () => {
    const clock = clockAt(Date.now());
    await claim(62_000, 63_000, clock.now() + CLAIM_MS);
    await expect(ask('talk', 62_000, 1_000, { clock })).rejects.toMatchObject({
      name: 'TransientError',
      code: 'AUDIO_CLIP_NOT_READY',
    });
  });

  it('gets the file as soon as it is there', async () => {
    const clock = clockAt(Date.now());
    await claim(64_000, 65_000, clock.now() + CLAIM_MS);
    const sleep = async (ms: number) => {
      await clock.sleep(ms, signal);
      await deployment.putObject('audio_clips/talk/64000-65000.mp3', 'the other one’s');
    };
    const clip = await ask('talk', 64_000, 1_000, { clock: { ...clock, sleep } });
    expect(clip).toMatchObject({ cacheHit: true, generationTimeMs: 250 });
  });

  it('does not wait for one that has failed', async () => {
    vi.stubEnv('FFMPEG_PATH', '/nowhere');
    await expect(ask('talk', 66_000, 1_000)).rejects.toMatchObject({ code: 'MEDIA_FAILED' });
    vi.stubEnv('FFMPEG_PATH', 'ffmpeg');
    expect(await deployment.items('acme#talk')).not.toHaveProperty('audio#66000-67000');
    const clip = await ask('talk', 66_000, 1_000, { patienceMs: 0 });
    expect(clip.cacheHit).toBe(false);
  });
});

describe('what cannot be had', () => {
  it.each([
    ['shorter than a second', 0, 999],
    ['longer than five minutes', 0, 300_001],
    ['negative', -1, 5_000],
    ['no number', Number.NaN, 5_000],
    ['between milliseconds', 0.5, 5_000],
  ])('is refused: %s', async (_, startMs, durationMs) => {
    await expect(ask('talk', startMs, durationMs)).rejects.toMatchObject({
      name: 'PermanentError',
      code: 'AUDIO_CLIP_INVALID',
    });
  });

  it('is refused: ids that are none', async () => {
    await expect(ask('../talk', 0, 1_000)).rejects.toMatchObject({ code: 'AUDIO_CLIP_INVALID' });
  });

  it.each([
    ['talk', END_MS],
    ['varying', END_MS],
    ['long-track', 20_000],
  ])('ends past the end of %s, whose length is told', async (episodeId, episodeDurationMs) => {
    if (episodeId === 'long-track') await putTrack(episodeId, true);
    await expect(ask(episodeId, episodeDurationMs - 1_000, 1_001)).rejects.toMatchObject({
      code: 'AUDIO_CLIP_PAST_END',
      episodeDurationMs,
      message: expect.stringContaining(`(${episodeDurationMs} ms)`),
    });
    expect(Object.keys(await deployment.items(`acme#${episodeId}`))).toContain('episode');
    expect(await ask(episodeId, episodeDurationMs - 1_000, 1_000)).toMatchObject({
      cacheHit: false,
    });
  });

  it('is of an episode of another tenant, whether the file is there or not', async () => {
    await ask('talk', 70_000, 1_000);
    for (const startMs of [70_000, 80_000]) {
      await expect(ask('talk', startMs, 1_000, { tenantId: 'stranger' })).rejects.toMatchObject({
        code: 'EPISODE_NOT_FOUND',
      });
    }
    expect(await deployment.items('stranger#talk')).toEqual({});
  });

  it.each<[string, object, string]>([
    ['an audio file of another episode', { audioKey: 'talk/audio/sound.mp3' }, 'EPISODE_INVALID'],
    ['an audio file by a detour', { audioKey: 'wrong/audio/../../talk' }, 'EPISODE_INVALID'],
    ['an audio file that is not there', { audioKey: 'wrong/audio/gone.mp3' }, 'AUDIO_NOT_FOUND'],
    ['an audio file that is empty', { audioKey: 'wrong/audio/empty' }, 'AUDIO_UNDECODABLE'],
    ['an audio file that is none', { audioKey: 'wrong/audio/text' }, 'AUDIO_UNDECODABLE'],
    ['nothing', {}, 'EPISODE_HAS_NO_SOUND'],
    ['two tracks of which none is the main one', { tracks: { a: {}, b: {} } }, 'EPISODE_INVALID'],
  ])('is of an episode with %s', async (_, item, code) => {
    await deployment.putObject('wrong/audio/empty', '');
    await deployment.putObject('wrong/audio/text', 'no sound');
    await putEpisode('wrong', item);
    await expect(ask('wrong', 0, 1_000)).rejects.toMatchObject({ name: 'PermanentError', code });
  });

  it('is the sound of a video without any', async () => {
    await putTrack('silent', false);
    await expect(ask('silent', 1_000, 1_000)).rejects.toMatchObject({
      code: 'EPISODE_HAS_NO_SOUND',
    });
  });
});
