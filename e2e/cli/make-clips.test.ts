import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, describe, expect, it } from 'vitest';
import { hear, judgeClip } from '#local/judge/index';
import type { ClipRecord } from '#shared/clip/clip-record';
import type { SeenEvent } from '../harness/event-log.ts';
import { sampleEpisode } from '../harness/sample-episodes.ts';
import type { TrackFiles } from '../harness/splicebus.ts';
import { twoQualities, withGaps } from '../sources/packages.ts';
import { commandOf, runScript } from './command.ts';
import { makeVideo, play } from './videos.ts';

const folder = mkdtempSync(join(tmpdir(), 'splicebus-start-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const start = (...args: string[]) => runScript('start', ['--once', '--port', '0', ...args], folder);
const FRAME_SECONDS = 1 / 24;

/** Writes a track into a folder of its own. */
function filesTo(name: string, files: TrackFiles): void {
  mkdirSync(join(folder, name));
  for (const [file, content] of Object.entries(files)) {
    writeFileSync(join(folder, name, file), content);
  }
}

describe('npm start -- --video', () => {
  it('makes the clips, copies them, and writes down what happened', async () => {
    await makeVideo('talk.mp4', folder);
    const { exitCode, stdout, stderr } = await start(
      ...['--video', 'talk.mp4', '--clip', '00:00:05-00:00:07.5', '--clip', '1-2,00:00:20-21.5'],
      ...['--out', 'clips', '--json', 'out.json'],
    );
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toMatch(/clip-1 .*Generation Complete/);
    expect(stdout).toMatch(/clip-2 .*Generation Complete/);
    expect(readdirSync(join(folder, 'clips')).sort()).toEqual(['clip-1.mp4', 'clip-2.mp4']);

    const { clips, events } = JSON.parse(readFileSync(join(folder, 'out.json'), 'utf8')) as {
      clips: ClipRecord[];
      events: SeenEvent[];
    };
    expect(clips).toMatchObject([
      { clipId: 'clip-1', status: 'Generation Complete', duration: '00:00:03' },
      { clipId: 'clip-2', status: 'Generation Complete', duration: '00:00:03' },
    ]);
    expect(events.map((event) => event['detail-type'])).toEqual(
      expect.arrayContaining(['Begin Clip Generation', 'ClipStitched', 'ExecutionFinished']),
    );
  });

  it.each([
    ['clip-1', [{ startMs: 5_000, endMs: 7_500 }]],
    [
      'clip-2',
      [
        { startMs: 1_000, endMs: 2_000 },
        { startMs: 20_000, endMs: 21_500 },
      ],
    ],
  ])('cuts to the frame: %s', async (clipId, segments) => {
    const { fps, frameCount } = await sampleEpisode('plain');
    const verdict = await judgeClip({
      clipPath: join(folder, 'clips', `${clipId}.mp4`),
      segments,
      fps,
      episodeFrameCount: frameCount,
      hasAudio: true,
    });
    expect(verdict).toMatchObject({ exact: true, faults: [] });
  });

  it('cuts to the frame where key frames are no IDR pictures', async () => {
    await makeVideo('broadcast.mp4', folder);
    const { exitCode, stderr } = await start(
      ...['--video', 'broadcast.mp4', '--clip', '13.1-14.4,3-4.5', '--out', 'broadcast'],
    );
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const { fps, frameCount } = await sampleEpisode('plain');
    const verdict = await judgeClip({
      clipPath: join(folder, 'broadcast/clip-1.mp4'),
      segments: [
        { startMs: 13_100, endMs: 14_400 },
        { startMs: 3_000, endMs: 4_500 },
      ],
      fps,
      episodeFrameCount: frameCount,
      hasAudio: true,
    });
    expect(verdict).toMatchObject({ exact: true, faults: [] });
  });

  it('turns an old, odd, rotated and silent video upright, and says what it lacks', async () => {
    await makeVideo('Old Camera (2).mp4', folder);
    const { exitCode, stdout, stderr } = await start(
      ...['--video', 'Old Camera (2).mp4', '--clip', '2-5', '--out', 'old'],
    );
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toMatch(
      /^Episode Old-Camera-2: .*\nNote: The video becomes 320x180 instead of 321x181: .*\n\n/m,
    );
    const clip = await play(join(folder, 'old/clip-1.mp4'));
    expect(clip).toMatchObject({ streams: ['h264'], width: 180, height: 320, complaints: '' });
    expect(clip.frameCount).toBe(72);
    expect(Math.abs(clip.seconds - 3)).toBeLessThan(FRAME_SECONDS);
  });

  it('keeps the pace of a video whose pictures come irregularly', async () => {
    await makeVideo('screen.mp4', folder);
    const { exitCode, stderr } = await start(
      ...['--video', 'screen.mp4', '--clip', '1-4,6-8', '--out', 'screen'],
    );
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const clip = await play(join(folder, 'screen/clip-1.mp4'));
    expect(clip).toMatchObject({ streams: ['aac', 'h264'], complaints: '' });
    expect(Math.abs(clip.seconds - 5)).toBeLessThan(0.25);
  });

  it('gives exit code 1 and the reason when a clip cannot be made; the other one is', async () => {
    const { exitCode, stdout } = await start(
      ...['--video', 'talk.mp4', '--clip', '100-110', '--clip', '3-4', '--out', 'partly'],
    );
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/clip-1: SEGMENT_OUTSIDE_EPISODE: .*past the end of the episode/);
    expect(readdirSync(join(folder, 'partly'))).toEqual(['clip-2.mp4']);
  });
});

describe('npm start -- --video, of several audio tracks or of audio alone', () => {
  it('takes the track that is asked for', async () => {
    await makeVideo('two-tracks.mp4', folder);
    const { exitCode, stdout, stderr } = await start(
      ...['--video', 'two-tracks.mp4', '--clip', '5-7.5', '--audio-track', 'de', '--out', 'german'],
    );
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).not.toContain('⚠');
    const { fps, frameCount } = await sampleEpisode('plain');
    const verdict = await judgeClip({
      clipPath: join(folder, 'german/clip-1.mp4'),
      segments: [{ startMs: 5_000, endMs: 7_500 }],
      fps,
      episodeFrameCount: frameCount,
      hasAudio: true,
    });
    expect(verdict).toMatchObject({ exact: true, faults: [] });
  });

  it('makes clips of audio alone', async () => {
    await makeVideo('podcast.m4a', folder);
    const { exitCode, stderr } = await start(
      ...['--video', 'podcast.m4a', '--clip', '5-7.5', '--out', 'heard'],
    );
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const { endMs } = (await hear('ffmpeg', join(folder, 'heard/clip-1.mp4')))!;
    expect(Math.abs(endMs - 2_500)).toBeLessThan(50);
  });
});

describe('npm start -- --playlist', () => {
  it('takes a master playlist, with all it names', async () => {
    filesTo('master', await twoQualities());
    const { exitCode, stdout, stderr } = await start(
      ...['--playlist', 'master/index.m3u8', '--clip', '5-7', '--quality', '180', '--strict'],
      ...['--json', 'master.json'],
    );
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toMatch(/clip-1 .*Generation Complete +│/);
    const { clips } = JSON.parse(readFileSync(join(folder, 'master.json'), 'utf8'));
    expect(clips).toMatchObject([
      { media: { video: { height: 180 } }, options: { quality: 180, strict: true } },
    ]);
  });

  it('marks a clip that is less than what was asked for, and says in what', async () => {
    filesTo('gaps', await withGaps());
    const args = ['--playlist', 'gaps/index.m3u8', '--clip', '5-19', '--gaps', 'skip'];
    const { exitCode, stdout } = await start(...args);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/clip-1 .*Generation Complete ⚠/);
    expect(stdout).toMatch(/^clip-1: ⚠ SHORTER_THAN_ASKED at 00:00:06\.000: .*skips/m);
    const strict = await start(...args, '--strict');
    expect(strict.exitCode).toBe(1);
    expect(strict.stdout).toMatch(/^clip-1: SHORTER_THAN_ASKED: .*skips/m);
  });

  it('takes an fMP4 episode as it is', async () => {
    const { playlistPath, fps, frameCount } = await sampleEpisode('fmp4');
    const { exitCode, stderr } = await start(
      ...['--playlist', playlistPath, '--clip', '7.2-9', '--out', 'fmp4'],
    );
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const verdict = await judgeClip({
      clipPath: join(folder, 'fmp4/clip-1.mp4'),
      segments: [{ startMs: 7_200, endMs: 9_000 }],
      fps,
      episodeFrameCount: frameCount,
      hasAudio: true,
    });
    expect(verdict).toMatchObject({ exact: true, faults: [] });
  });
});

describe('what comes after', () => {
  it('without --once the stack serves until Ctrl-C, and ends with exit code 0', async () => {
    const { playlistPath } = await sampleEpisode('plain');
    const args = ['--port', '0', '--playlist', playlistPath, '--clip', '1-2'];
    const child = spawn(process.execPath, [...commandOf('start'), ...args], { cwd: folder });
    const ended = once(child, 'exit');
    let endpoint: string | undefined;
    for await (const line of createInterface(child.stdout)) {
      endpoint ??= /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0];
      if (line.includes('Serving until Ctrl-C')) break;
    }
    expect((await fetch(endpoint!)).status).toBeLessThan(500);
    child.stdout.resume();
    child.kill('SIGINT');
    expect(await ended).toEqual([0, null]);
    await expect(fetch(endpoint!)).rejects.toThrow();
  });

  it('npm run trace draws a waterfall of a clip', async () => {
    const { exitCode, stdout } = await runScript('trace', ['clip-1'], folder);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^Trace 1-[0-9a-f]{8}-[0-9a-f]{24}/m);
    expect(stdout).toMatch(/splicebus-extractor.*│.*█/);
    expect(stdout).toMatch(/Cut segment.*│.*█/);
    expect(stdout).toMatch(/splicebus-stitcher.*│.*█/);
  });

  it('npm run clean removes all of it', async () => {
    expect(existsSync(join(folder, '.splicebus'))).toBe(true);
    const { exitCode } = await runScript('clean', [], folder);
    expect(exitCode).toBe(0);
    expect(existsSync(join(folder, '.splicebus'))).toBe(false);
    expect(existsSync(join(folder, 'talk.mp4'))).toBe(true);
  });
});
