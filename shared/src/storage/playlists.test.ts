import { beforeEach, describe, expect, it } from 'vitest';
import { startBucket, type TestBucket } from './bucket.fixture.ts';
import type * as playlists from './playlists.ts';

const FOLDER = 'ep1/tracks/main/';
const track = { trackName: 'main', folder: FOLDER, playlistKey: `${FOLDER}index.m3u8` };
const { signal } = new AbortController();

const media = (chunks: number) =>
  ['#EXTM3U', '#EXT-X-TARGETDURATION:6']
    .concat(Array.from({ length: chunks }, (_, n) => `#EXTINF:6,\n${n}.ts`))
    .join('\n');
const MASTER = [
  '#EXTM3U',
  '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="de",DEFAULT=YES,URI="sound.m3u8"',
  '#EXT-X-STREAM-INF:BANDWIDTH=1,RESOLUTION=640x360,AUDIO="a"',
  '360.m3u8',
  '#EXT-X-STREAM-INF:BANDWIDTH=2,RESOLUTION=1280x720,AUDIO="a"',
  '720.m3u8',
].join('\n');

let bucket: TestBucket;
let fetchPlaylist: typeof playlists.fetchPlaylist;

beforeEach(async () => {
  bucket = await startBucket();
  ({ fetchPlaylist } = await import('./playlists.ts'));
});

describe('fetchPlaylist', () => {
  it('reads a media playlist', async () => {
    await bucket.put(track.playlistKey, media(3));
    const { picture, sound, rendition, bytesRead } = await fetchPlaylist(track, 'best', signal);
    expect(picture.chunks).toHaveLength(3);
    expect(sound).toBeUndefined();
    expect(rendition).toEqual({ pictureKey: track.playlistKey });
    expect(bytesRead).toBe(media(3).length);
  });

  it('parses a playlist once, until it changes', async () => {
    await bucket.put(track.playlistKey, media(3));
    const first = await fetchPlaylist(track, 'best', signal);
    const second = await fetchPlaylist(track, 'best', signal);
    expect(second.picture).toBe(first.picture);
    expect(second.bytesRead).toBe(0);
    await bucket.put(track.playlistKey, media(4));
    const third = await fetchPlaylist(track, 'best', signal);
    expect(third.picture.chunks).toHaveLength(4);
    expect(third.bytesRead).toBe(media(4).length);
  });

  it('goes through a master playlist, and keeps what all qualities share', async () => {
    await bucket.put(track.playlistKey, MASTER);
    await bucket.put(`${FOLDER}360.m3u8`, media(2));
    await bucket.put(`${FOLDER}720.m3u8`, media(3));
    await bucket.put(`${FOLDER}sound.m3u8`, media(4));
    const best = await fetchPlaylist(track, 'best', signal);
    expect(best.rendition).toMatchObject({ pictureKey: `${FOLDER}720.m3u8`, height: 720 });
    expect(best.picture.chunks).toHaveLength(3);
    expect(best.sound?.chunks).toHaveLength(4);
    expect(best.bytesRead).toBe(MASTER.length + media(3).length + media(4).length);
    const small = await fetchPlaylist(track, 360, signal);
    expect(small.rendition).toMatchObject({ pictureKey: `${FOLDER}360.m3u8`, height: 360 });
    expect(small.sound).toBe(best.sound);
    expect(small.bytesRead).toBe(media(2).length);
  });

  it('lets go of what was used longest ago', async () => {
    const tracks = Array.from({ length: 40 }, (_, n) => ({
      ...track,
      playlistKey: `${FOLDER}${n}.m3u8`,
    }));
    for (const { playlistKey } of tracks) await bucket.put(playlistKey, media(1));
    const bytesRead = async (n: number) =>
      (await fetchPlaylist(tracks[n]!, 'best', signal)).bytesRead;
    for (const n of tracks.keys()) {
      await bytesRead(n);
      expect(await bytesRead(0)).toBe(0);
    }
    expect(await bytesRead(39)).toBe(0);
    expect(await bytesRead(1)).toBeGreaterThan(0);
  });

  it('keeps nothing of a playlist that cannot be read', async () => {
    await bucket.put(track.playlistKey, 'hello');
    const code = expect.objectContaining({ code: 'PLAYLIST_INVALID' });
    await expect(fetchPlaylist(track, 'best', signal)).rejects.toEqual(code);
    await expect(fetchPlaylist(track, 'best', signal)).rejects.toEqual(code);
  });

  it.each([
    ['that is not there', {}, 'PLAYLIST_NOT_FOUND', 'index.m3u8'],
    [
      'whose variant is not there',
      { 'index.m3u8': MASTER, 'sound.m3u8': media(1) },
      'PLAYLIST_NOT_FOUND',
      '720.m3u8',
    ],
    [
      'whose sound is not there',
      { 'index.m3u8': MASTER, '720.m3u8': media(1) },
      'PLAYLIST_NOT_FOUND',
      'sound.m3u8',
    ],
    [
      'whose variant is a master playlist again',
      { 'index.m3u8': MASTER, '720.m3u8': MASTER, 'sound.m3u8': media(1) },
      'PLAYLIST_UNSUPPORTED',
      '720.m3u8',
    ],
    [
      'that is far too large',
      { 'index.m3u8': media(1) + '#'.repeat(17 * 1024 * 1024) },
      'PLAYLIST_INVALID',
      'index.m3u8',
    ],
  ])('refuses one %s', async (_, objects, code, named) => {
    for (const [name, text] of Object.entries(objects)) await bucket.put(FOLDER + name, text);
    await expect(fetchPlaylist(track, 'best', signal)).rejects.toMatchObject({
      name: 'PermanentError',
      code,
      message: expect.stringContaining(FOLDER + named),
    });
  });
});
