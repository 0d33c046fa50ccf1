import { mkdtempSync, rmSync } from 'node:fs';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { judgeClip } from '#local/judge/index';
import type { ClipRecord } from '#shared/clip/clip-record';
import type { RungRecord } from '#shared/clip/derivatives';
import { objectKeys } from '#shared/keys';
import { faultsOfRung } from '#shared/media/ladder/ladder.fixture';
import { masterPlaylist } from '#shared/media/ladder/playlists';
import type { SeenEvent } from '../harness/event-log.ts';
import { run } from '../harness/process.ts';
import { sampleEpisode } from '../harness/sample-episodes.ts';
import { type Splicebus, startSplicebus, TENANT_ID } from '../harness/splicebus.ts';
import { everything } from '../replay/world.ts';

/** Cut where no key picture is, and joined: 5.5 s of 1080p. */
const SEGMENTS = [
  { startTime: 0.5, endTime: 3 },
  { startTime: 4.1, endTime: 7.1 },
];
const ASKED = SEGMENTS.map(({ startTime, endTime }) => ({
  startMs: startTime * 1000,
  endMs: endTime * 1000,
}));
const WANTED = { clipId: 'wanted', segments: SEGMENTS, renditions: ['1080p', '720p'] };

const folder = mkdtempSync(join(tmpdir(), 'splicebus-renditions-'));
let splicebus: Splicebus;
let executionId: string;
let record: ClipRecord;
beforeAll(async () => {
  splicebus = await startSplicebus();
  await splicebus.ingest('large');
  executionId = await splicebus.makeClips('large', [WANTED]);
  record = (await splicebus.clip('large', 'wanted'))!;
  // To be played, which leaves files.
  await cp(dirname(pathOf(madeRung('source').playlistKey)), folder, { recursive: true });
});
afterAll(async () => {
  await splicebus?.stop();
  rmSync(folder, { recursive: true });
});

const pathOf = (s3Key: string) => join(splicebus.stack.s3Dir, s3Key);
const madeRung = (wanted: string) =>
  record.renditions?.find(({ name }) => name === wanted) as Extract<RungRecord, { status: 'made' }>;

async function sizeOf(s3Key: string): Promise<string> {
  const { stdout } = await run('ffprobe', [
    ...['-v', 'error', '-select_streams', 'v', '-show_entries', 'stream=codec_name,width,height'],
    ...['-of', 'csv=p=0', pathOf(s3Key)],
  ]);
  return stdout.trim();
}

describe('a clip that is wanted in two sizes', () => {
  it('has a poster and three thumbnails, from all over it', async () => {
    const { poster, thumbnails = [] } = record;
    expect(await sizeOf(poster!.s3Key)).toBe('mjpeg,1280,720');
    expect(thumbnails.map(({ atMs }) => Math.floor((3 * atMs) / 5_500))).toEqual([0, 1, 2]);
    for (const { s3Key, fileSizeBytes } of thumbnails) {
      expect(await sizeOf(s3Key)).toBe('mjpeg,320,180');
      expect(await readFile(pathOf(s3Key))).toHaveLength(fileSizeBytes);
    }
  });

  it('has them in its record: itself, the smaller one, and why there is no other', () => {
    expect(record).toMatchObject({
      status: 'Generation Complete',
      options: { renditions: ['720p', '1080p'] },
      derivedFrom: { executionId },
    });
    expect(record.renditions).toEqual([
      expect.objectContaining({
        name: 'source',
        status: 'made',
        s3Key: record.s3Key,
        fileSizeBytes: record.fileSize,
        ...{ width: 1920, height: 1080, frameRate: 30 },
      }),
      expect.objectContaining({
        name: '720p',
        status: 'made',
        s3Key: `large/clips/wanted/renditions/${executionId}/720p.mp4`,
        ...{ width: 1280, height: 720, frameRate: 30 },
        codecs: expect.stringMatching(/^avc1\.64[0-9a-f]{4},mp4a\.40\.2$/),
      }),
      {
        name: '1080p',
        status: 'omitted',
        reason: {
          code: 'RENDITION_NOT_SMALLER',
          message: expect.stringContaining('1920×1080 itself'),
        },
      },
    ]);
  });

  it('tells of each in its history, as complete', () => {
    const after = record.statusHistory.filter(({ event }) => /^(Thumb|Rend)/.test(event));
    expect(
      after.map(({ event, rendition }) => `${event} ${rendition ?? ''}`.trim()).sort(),
    ).toEqual([
      'RenditionMade 720p',
      'RenditionMade source',
      'RenditionOmitted 1080p',
      'RenditionRequested 1080p',
      'RenditionRequested 720p',
      'RenditionRequested source',
      'ThumbnailsMade',
      'ThumbnailsRequested',
    ]);
    expect(new Set(after.map(({ status }) => status))).toEqual(new Set(['Generation Complete']));
  });

  it('is to be downloaded in 720p: every picture, in sync', async () => {
    const { fps, frameCount, audio } = await sampleEpisode('large');
    const { s3Key, fileSizeBytes } = madeRung('720p');
    const clipPath = pathOf(s3Key);
    expect(await readFile(clipPath)).toHaveLength(fileSizeBytes);
    const verdict = await judgeClip({
      ...{ clipPath, segments: ASKED, fps },
      ...{ episodeFrameCount: frameCount, hasAudio: audio },
    });
    expect(verdict).toMatchObject({ exact: true, faults: [], file: { faststart: true } });
  });

  it.each(['source', '720p'])('is to be played by HLS: %s', async (name) => {
    const playlist = join(folder, basename(madeRung(name).playlistKey));
    const spans = ASKED.map(({ startMs, endMs }): [number, number] => [startMs, endMs]);
    const episode = await sampleEpisode('large');
    expect(await faultsOfRung(playlist, episode, spans)).toEqual([]);
  });

  it('is to be played by HLS: as a ladder made from the record', async () => {
    const rungs = [madeRung('source'), madeRung('720p')];
    const master = join(folder, 'master.m3u8');
    const text = masterPlaylist(rungs, ({ playlistKey }) => basename(playlistKey));
    await writeFile(master, text);
    const { stdout } = await run('ffprobe', [
      ...['-v', 'error', '-show_entries', 'stream=height', '-of', 'csv=p=0', master],
    ]);
    expect(new Set(stdout.match(/\d+/g))).toEqual(new Set(['720', '1080']));
  });
});

const announcements = (): SeenEvent[] =>
  splicebus.events.all.filter(
    ({ detail, ...event }) =>
      event['detail-type'] === 'Object Created' &&
      (detail as { object?: { key: string } }).object?.key === record.s3Key,
  );

it('is made once, however often S3 announces the clip', async () => {
  const before = await everything(splicebus);
  const [announcement, ...others] = announcements();
  expect(others).toEqual([]);
  const { bus, ...event } = announcement!;
  for (let n = 0; n < 3; n++) await splicebus.stack.eventbridge.publish(bus, event);
  await splicebus.stack.idle();
  expect(await everything(splicebus)).toEqual(before);
});

it('is not made of what nobody says whose it is', async () => {
  const { bus, ...event } = announcements()[0]!;
  const object = { key: objectKeys.clip({ episodeId: 'large', clipId: 'unknown' }) };
  await splicebus.stack.eventbridge.publish(bus, { ...event, detail: { ...event.detail, object } });
  await splicebus.stack.idle();
  expect(await splicebus.clip('large', 'unknown')).toBeUndefined();
  expect(splicebus.events.all.filter(({ source }) => source === 'lambda')).toEqual([]);
});

describe('a clip that is made again', () => {
  it('has what was made of the newer one, and nothing of the older', async () => {
    const newer = await splicebus.begin({
      tenantId: TENANT_ID,
      episodeId: 'large',
      clips: [{ clipId: 'wanted', segments: [SEGMENTS[0]] }],
    });
    await splicebus.finished(newer);
    const again = (await splicebus.clip('large', 'wanted'))!;
    expect(again).toMatchObject({
      status: 'Generation Complete',
      executionId: newer,
      derivedFrom: { executionId: newer },
      renditions: [{ name: 'source', status: 'made' }],
    });
    expect(again.renditions).toHaveLength(1);
    expect(again.options).not.toHaveProperty('renditions');
    expect(await splicebus.keys('large/clips/wanted/')).toEqual(
      splicebus.finishedKeys('large', 'wanted', newer),
    );
  });
});
