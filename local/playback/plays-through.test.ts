import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cutClip, joined } from '../judge/cut.fixture.ts';
import { type Episode, makeEpisode } from '../sample/index.ts';
import { findChromium, HOW_TO_INSTALL } from './find-chromium.ts';
import { playsThrough } from './plays-through.ts';

const chromiumPath = await findChromium();
let dir: string;
let episode: Episode;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'splicebus-playback-'));
  episode = await makeEpisode({ dir: join(dir, 'episode'), width: 320, height: 180, seconds: 6 });
});
afterAll(() => rm(dir, { recursive: true, force: true }));

describe.skipIf(!chromiumPath && !process.env.CI)('playing a clip in Chromium', () => {
  const play = (clip: string, joinsSeconds: number[]) =>
    playsThrough(clip, joinsSeconds, { fps: '30', chromiumPath });

  it('shows the frames on both sides of a join, and plays over it', async () => {
    const clip = await cutClip(episode, dir, joined([20, 50], [100, 130]));
    const { faults, joins, durationSeconds } = await play(clip, [1]);
    expect(faults).toEqual([]);
    expect(joins).toMatchObject([{ before: { number: 49 }, after: { number: 100 } }]);
    expect(durationSeconds).toBeCloseTo(2, 1);
  });

  it('plays a clip without a join to its end', async () => {
    const clip = await cutClip(episode, dir, {
      picture: "select='between(n,0,29)',setpts=N/30/TB",
      sound: '',
    });
    expect((await play(clip, [])).faults).toEqual([]);
  });

  it('tells a frame that is not where it should be', async () => {
    const picture = "select='between(n,20,79)',setpts='(N+2*gte(N,30))/30/TB'";
    const clip = await cutClip(episode, dir, { picture, sound: '' });
    const { faults } = await play(clip, [1]);
    expect(faults).toEqual(['a seek to the frame at 1.000 s shows the one at 0.967 s']);
  });

  it('tells a file that is no video', async () => {
    const path = join(dir, 'words.mp4');
    await writeFile(path, 'no video');
    expect((await play(path, [])).faults).toEqual([expect.stringMatching(/^Chromium: .*code 4/)]);
  });
});

it('says how to get a browser', async () => {
  expect(await findChromium({ PATH: dir })).toBeUndefined();
  expect(await findChromium({ PATH: dir, CHROMIUM_PATH: '/opt/browser' })).toBe('/opt/browser');
  expect(HOW_TO_INSTALL).toContain('apt-get install');
});
