import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MetadataAnswer } from '#shared/api/clip-metadata';
import type { JobAnswer } from '#shared/api/fields';
import { ApiCaller } from '../harness/api.ts';
import { type Splicebus, startSplicebus } from '../harness/splicebus.ts';

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'splicebus-playback-'));
let splicebus: Splicebus;
let api: ApiCaller;
/** 3 s of 1080p, in 720p as well; its 1080p is itself. */
let job: JobAnswer;

beforeAll(async () => {
  splicebus = await startSplicebus();
  await splicebus.ingest('large');
  api = await ApiCaller.of(splicebus);
  job = await finished({
    clipId: 'wanted',
    segments: [{ startTime: 1.5, endTime: 4.5 }],
    renditions: ['720p', '1080p'],
  });
});
afterAll(async () => {
  await splicebus?.stop();
  rmSync(folder, { recursive: true });
});

/** @returns its job, once all that follows the clip is there, too */
async function finished(clip: object): Promise<JobAnswer> {
  const [begun] = await api.generate({ episodeId: 'large', clips: [clip] });
  await api.watch(begun!);
  await splicebus.stack.idle();
  return begun!;
}

const hashOf = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const bytesAt = async (url: string) => Buffer.from(await (await fetch(url)).arrayBuffer());
const inBucket = (key: string) => readFile(join(splicebus.stack.s3Dir, key));

/** What an MP4, or a playlist with all that it leads to, shows: a line for each picture. */
async function picturesOf(input: string): Promise<string[]> {
  const { stdout } = await run('ffmpeg', [
    ...['-v', 'error', '-xerror', '-protocol_whitelist', 'file,http,tcp', '-i', input],
    ...['-map', '0:v:0', '-f', 'framemd5', '-'],
  ]);
  const lines = stdout.split('\n').filter((line) => /^0,/.test(line));
  return lines.map((line) => line.split(',').at(-1)!.trim());
}

async function sizeOf(input: string): Promise<string> {
  const { stdout } = await run('ffprobe', [
    ...['-v', 'error', '-select_streams', 'v', '-show_entries', 'stream=width,height'],
    ...['-of', 'csv=p=0', input],
  ]);
  return stdout.trim();
}

async function locationOf(query: string): Promise<string> {
  const { status, headers } = await api.get(job.links.stream + query);
  expect(status).toBe(302);
  return headers.get('location')!;
}

describe('a stream of MP4', () => {
  it('is the clip itself, at a URL that honours Range', async () => {
    const clip = await readFile(splicebus.clipPath('large', 'wanted'));
    for (const query of ['', '?quality=source', '?quality=1080p']) {
      const url = await locationOf(query);
      expect(hashOf(await bytesAt(url))).toBe(hashOf(clip));
      const part = await fetch(url, { headers: { Range: 'bytes=0-9' } });
      expect([part.status, part.headers.get('content-disposition')]).toEqual([206, null]);
    }
  });

  it('is a rendition, where that is asked for', async () => {
    const url = await locationOf('?quality=720p');
    expect(await sizeOf(url)).toBe('1280,720');
    expect(await picturesOf(url)).toHaveLength(90);
  });

  it('is not there in other sizes: those that are there are listed', async () => {
    const { status, body } = await api.get(`${job.links.stream}?quality=480p`);
    expect({ status, ...body }).toMatchObject({
      ...{ status: 400, code: 'QUALITY_NOT_AVAILABLE', field: 'quality' },
      available: ['source', '1080p', '720p'],
    });
  });
});

describe('a stream of HLS', () => {
  const playlistOf = async (query: string) => {
    const { status, headers, bytes } = await api.get(job.links.stream + query);
    expect([status, headers.get('content-type')]).toEqual([200, 'application/vnd.apple.mpegurl']);
    return bytes.toString('utf8');
  };

  it('leads from one playlist to those of all qualities, which need nothing more', async () => {
    const master = await playlistOf('?format=hls');
    const variants = master.split('\n').filter((line) => line && !line.startsWith('#'));
    expect(variants).toEqual([
      'stream?quality=720p&format=hls',
      'stream?quality=source&format=hls',
    ]);
    expect(master).toMatch(
      /CODECS="avc1\.[^"]+,mp4a\.40\.2",RESOLUTION=1280x720,FRAME-RATE=30\.000/,
    );
    for (const [n, variant] of variants.entries()) {
      const file = join(folder, `${n}.m3u8`);
      await writeFile(file, await playlistOf(variant.replace('stream', '')));
      expect(await picturesOf(file)).toHaveLength(90);
    }
  });

  it('can be read by a page', async () => {
    const [url] = /^http.*$/m.exec(await playlistOf('?quality=720p&format=hls'))!;
    const headers = { Origin: 'http://localhost:3000', Range: 'bytes=0-99' };
    const part = await fetch(url, { headers });
    expect([part.status, part.headers.get('access-control-allow-origin')]).toEqual([206, '*']);
  });

  it('shows the very pictures of the clip', async () => {
    const file = join(folder, 'source.m3u8');
    await writeFile(file, await playlistOf('?quality=source&format=hls'));
    expect(await picturesOf(file)).toEqual(await picturesOf(splicebus.clipPath('large', 'wanted')));
  });
});

describe('a thumbnail', () => {
  it('is the poster, unless another one is asked for', async () => {
    const { poster, thumbnails } = (await splicebus.clip('large', 'wanted'))!;
    const { status, headers, bytes } = await api.get(job.links.thumbnail);
    expect([status, headers.get('content-type')]).toEqual([200, 'image/jpeg']);
    expect(bytes.equals(await inBucket(poster!.s3Key))).toBe(true);
    const second = await api.get(`${job.links.thumbnail}?picture=2`);
    expect(second.bytes.equals(await inBucket(thumbnails![1]!.s3Key))).toBe(true);
  });

  it('is sent once', async () => {
    const first = await api.get(job.links.thumbnail);
    const etag = first.headers.get('etag')!;
    expect(first.headers.get('cache-control')).toMatch(/^private, max-age=\d+$/);
    for (const known of [etag, `"other", W/${etag}`, '*']) {
      const again = await api.get(job.links.thumbnail, { headers: { 'If-None-Match': known } });
      expect([again.status, again.bytes.length, again.headers.get('etag')]).toEqual([304, 0, etag]);
    }
    const other = await api.get(job.links.thumbnail, { headers: { 'If-None-Match': '"other"' } });
    expect(other.status).toBe(200);
  });

  it('is not there by other names', async () => {
    const { status, body } = await api.get(`${job.links.thumbnail}?picture=4`);
    expect([status, body.field]).toEqual([400, 'picture']);
  });
});

describe('the metadata', () => {
  it('tells what the file is, where it lies, and how it was cut', async () => {
    const { status, body } = await api.get<MetadataAnswer>(job.links.metadata);
    const file = await readFile(splicebus.clipPath('large', 'wanted'));
    expect(status).toBe(200);
    expect(body.clip).toMatchObject({
      ...{ s3Key: 'large/clips/wanted/clip.mp4', container: 'mp4', sizeBytes: file.length },
      ...{ sha256: hashOf(file), durationMs: 3_000, frameCount: 90 },
      video: { codec: expect.stringMatching(/^avc1\./), width: 1920, height: 1080, frameRate: 30 },
      audio: { codec: 'mp4a.40.2', sampleRate: 48_000, channels: 2 },
    });
    expect(body.receipt).toMatchObject({ firstFrameError: 0, lastFrameError: 0 });
    expect(body.renditions).toMatchObject([
      { quality: 'source', state: 'made' },
      { quality: '720p', state: 'made', width: 1280, height: 720 },
      { quality: '1080p', state: 'omitted', reason: { code: 'RENDITION_NOT_SMALLER' } },
    ]);
    expect(body.thumbnails).toHaveLength(3);
    const files = [body.clip, body.poster!, ...body.thumbnails, body.renditions[1]!.mp4!];
    for (const { s3Key, url, sizeBytes } of files) {
      const bytes = await bytesAt(url);
      expect(bytes).toHaveLength(sizeBytes);
      expect(bytes.equals(await inBucket(s3Key))).toBe(true);
    }
  });
});

describe('what is not there', () => {
  const links = ({ links: { stream, thumbnail, metadata } }: JobAnswer) => [
    stream,
    thumbnail,
    metadata,
  ];

  it('is of a clip that has failed', async () => {
    const failed = await finished({ segments: [{ startTime: 5_000, endTime: 5_001 }] });
    for (const link of links(failed)) {
      const { status, body } = await api.get(link);
      expect([status, body.code]).toEqual([409, 'CLIP_NOT_MADE']);
    }
  });

  it('was removed', async () => {
    const removed = await finished({
      clipId: 'removed',
      segments: [{ startTime: 1, endTime: 2 }],
    });
    const { poster, s3Key } = (await splicebus.clip('large', 'removed'))!;
    await remove(poster!.s3Key);
    const { status, body } = await api.get(removed.links.thumbnail);
    expect([status, body.code]).toEqual([410, 'CLIP_GONE']);
    await remove(s3Key!);
    for (const link of links(removed)) {
      expect((await api.get(link)).status).toBe(410);
    }
  });

  const remove = (Key: string) =>
    splicebus.clients.s3.send(new DeleteObjectCommand({ Bucket: splicebus.stack.bucketName, Key }));
});
