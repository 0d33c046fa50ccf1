import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { readPlaylists } from './read-playlists.ts';

const FOLDER = 'ep1/tracks/main/';
const base = mkdtempSync(join(tmpdir(), 'splicebus-playlists-'));
afterAll(() => rmSync(base, { recursive: true }));

let root = '';
let count = 0;
beforeEach(() => {
  root = join(base, String(count++));
});
const put = (name: string, text: string) => {
  const file = join(root, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
};
const media = (...chunks: string[]) =>
  [
    ...['#EXTM3U', '#EXT-X-TARGETDURATION:6', '#EXT-X-MAP:URI="init.mp4"'],
    ...chunks.flatMap((chunk) => ['#EXTINF:6,', chunk]),
    ...['#EXT-X-ENDLIST', ''],
  ].join('\n');
const MASTER = [
  '#EXTM3U',
  '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="en",DEFAULT=YES,URI="audio/en/index.m3u8"',
  '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="de",URI="audio/de.m3u8?x=1"',
  '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="s",NAME="en",URI="subtitles.m3u8"',
  '#EXT-X-STREAM-INF:BANDWIDTH=9,RESOLUTION=640x360,AUDIO="a",SUBTITLES="s"',
  'index.m3u8',
  '#EXT-X-STREAM-INF:BANDWIDTH=1,RESOLUTION=320x180,AUDIO="a"',
  'low/index.m3u8',
  '',
].join('\n');

describe('a master playlist', () => {
  it('comes with all media playlists it names, and all that these name', async () => {
    put('index.m3u8', media('0.m4s', '1.m4s'));
    put('low/index.m3u8', media('0.m4s', '0.m4s', '2.m4s'));
    put('audio/en/index.m3u8', media('a.m4s'));
    put('audio/de.m3u8', media('a.m4s'));
    const track = await readPlaylists(put('all.m3u8', MASTER), FOLDER);
    expect(track.playlistKey).toBe(`${FOLDER}all.m3u8`);
    expect(track.playlists.map(({ key }) => key.slice(FOLDER.length))).toEqual([
      'index.m3u8',
      'audio/en/index.m3u8',
      'audio/de.m3u8',
      'low/index.m3u8',
      'all.m3u8',
    ]);
    const names = (keys: Set<string>) => [...keys].map((key) => key.slice(FOLDER.length)).sort();
    expect(names(track.chunks)).toEqual([
      ...['0.m4s', '1.m4s', 'audio/a.m4s', 'audio/en/a.m4s', 'low/0.m4s', 'low/2.m4s'],
    ]);
    expect(names(track.needed)).toEqual([
      ...['audio/en/init.mp4', 'audio/init.mp4', 'init.mp4', 'low/init.mp4'],
    ]);
    expect(track.playlist.chunks).toHaveLength(2);
  });

  it.each<[what: string, files: Record<string, string>, says: RegExp]>([
    ['names a playlist that is not there', {}, /lacks .*index\.m3u8, which .*all\.m3u8 names/],
    ['names itself', { 'index.m3u8': MASTER }, /which is a master playlist itself/],
    ['names what is no playlist', { 'index.m3u8': 'hello' }, /index\.m3u8 cannot be used: /],
    [
      'leads out of its folder',
      { 'all.m3u8': MASTER.replace('low/', '../../') },
      /"\.\.\/\.\.\/index\.m3u8" is not a relative path below /,
    ],
    [
      'leads to another host',
      { 'all.m3u8': MASTER.replace('low/', 'https://example.com/') },
      /is not a relative path below /,
    ],
    [
      'names one whose chunks lead out of the folder',
      { 'index.m3u8': media('../../secret.ts') },
      /"\.\.\/\.\.\/secret\.ts" is not a relative path/,
    ],
  ])('is refused where it %s, by the names of files', async (_, files, says) => {
    const file = put('all.m3u8', MASTER);
    for (const [name, text] of Object.entries(files)) put(name, text);
    const failure = readPlaylists(file, FOLDER);
    await expect(failure).rejects.toThrow(says);
    await expect(failure).rejects.toMatchObject({ name: 'IngestError' });
    await expect(failure).rejects.not.toThrow(FOLDER);
    await expect(failure).rejects.toThrow(root);
  });
});

it('a media playlist comes alone, whatever it is called', async () => {
  const file = put('talk.m3u8', media('a/0.m4s'));
  const { playlistKey, playlists, chunks, needed } = await readPlaylists(file, FOLDER);
  expect(playlistKey).toBe(`${FOLDER}index.m3u8`);
  expect(playlists).toHaveLength(1);
  expect([...needed]).toEqual([`${FOLDER}init.mp4`]);
  expect([...chunks]).toEqual([`${FOLDER}a/0.m4s`]);
  await expect(readPlaylists(put('bad.m3u8', '#EXTM3U\n'), FOLDER)).rejects.toThrow(
    /^The playlist \S+bad\.m3u8 cannot be used: /,
  );
  await expect(readPlaylists(join(root, 'none.m3u8'), FOLDER)).rejects.toThrow(
    /none\.m3u8 cannot be read/,
  );
});
