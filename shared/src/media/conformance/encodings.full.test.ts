import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EpisodeSpec } from '#local/sample/index';
import { encodedAnew, smallEpisode } from '../clip.fixture.ts';
import { runCase } from './run-case.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'splicebus-encodings-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe.each<{ name: string; spec: EpisodeSpec; encoder: string[] }>([
  {
    name: 'deep reordering',
    spec: { container: 'fmp4', fps: '30' },
    encoder: ['-x264-params', 'keyint=150:scenecut=0:bframes=8:b-pyramid=normal'],
  },
  {
    name: 'Main profile, one B-frame, full range',
    spec: { container: 'ts', fps: '30000/1001' },
    encoder: [
      ...['-profile:v', 'main', '-bf', '1', '-g', '37', '-pix_fmt', 'yuvj420p'],
      ...['-color_range', 'pc'],
    ],
  },
  {
    name: 'Baseline profile, one reference',
    spec: { container: 'fmp4', fps: '25' },
    encoder: ['-profile:v', 'baseline', '-refs', '1', '-g', '50'],
  },
  {
    name: 'nothing but key frames',
    spec: { container: 'ts', fps: '24000/1001' },
    encoder: ['-g', '1'],
  },
])('of $name', ({ name, spec, encoder }) => {
  it('cuts anywhere to the frame', async () => {
    const plain = await smallEpisode(spec);
    const video = ['-c:v', 'libx264', '-preset', 'veryfast', ...encoder];
    const episode = await encodedAnew(plain, video, folder);
    const end = episode.frameCount;
    const whole = await runCase(episode, { name, segments: [[40, 460]] });
    expect(whole.faults).toEqual([]);
    const pieces = await runCase(episode, {
      name,
      segments: [
        [310, 380],
        [end - 31, end],
        [0, 1],
        [155, 163],
        [150, 151],
      ],
    });
    expect(pieces.faults).toEqual([]);
  });
});
