import { describe, expect, it } from 'vitest';
import { parsePlaylist } from './playlist.ts';

const FOLDER = 'ep1/tracks/main/';
const KEY = `${FOLDER}index.m3u8`;

const media = (...lines: string[]) =>
  ['#EXTM3U', '#EXT-X-VERSION:7', '#EXT-X-TARGETDURATION:7', ...lines, '#EXT-X-ENDLIST', ''].join(
    '\n',
  );
const chunk = (uri: string, seconds = 6) => [`#EXTINF:${seconds},`, uri];
const read = (text: string) => parsePlaylist(text, KEY, FOLDER);
const codeOf = (text: string) => {
  try {
    read(text);
    return 'accepted';
  } catch (error) {
    return (error as { code?: string }).code;
  }
};

describe('parsePlaylist', () => {
  it('lists MPEG-TS chunks with their place in time', () => {
    expect(read(media(...chunk('a.ts', 6.006), ...chunk('sub/b%20b.ts', 2.5)))).toEqual({
      container: 'mpegts',
      chunks: [
        { index: 0, key: `${FOLDER}a.ts`, startUs: 0, durationUs: 6_006_000 },
        { index: 1, key: `${FOLDER}sub/b b.ts`, startUs: 6_006_000, durationUs: 2_500_000 },
      ],
      durationUs: 8_506_000,
    });
  });

  it('knows fMP4 by its initialization section', () => {
    expect(read(media('#EXT-X-MAP:URI="init.mp4"', ...chunk('a.m4s')))).toMatchObject({
      container: 'fmp4',
      initKey: `${FOLDER}init.mp4`,
    });
  });

  it('reads a playlist that still grows (no ENDLIST) and one with CRLF', () => {
    expect(
      read('#EXTM3U\r\n#EXT-X-TARGETDURATION:6\r\n#EXTINF:6,\r\na.ts\r\n').chunks,
    ).toHaveLength(1);
  });

  it.each([
    ['text that is no playlist', 'hello'],
    ['an empty file', ''],
    ['a playlist without chunks', media()],
    ['a parent folder', media(...chunk('../other/a.ts'))],
    ['a parent folder in disguise', media(...chunk('%2e%2e/other/a.ts'))],
    ['a parent folder behind a folder', media(...chunk('x/../../other/a.ts'))],
    ['an absolute path', media(...chunk('/etc/passwd'))],
    ['another host', media(...chunk('https://elsewhere.example/a.ts'))],
    ['a host without scheme', media(...chunk('//elsewhere.example/a.ts'))],
    ['a file URL', media(...chunk('file:///etc/passwd'))],
    ["FFmpeg's concat protocol", media(...chunk('concat:a.ts|b.ts'))],
    ['a null byte', media(...chunk('a%00.ts'))],
    ['broken percent-encoding', media(...chunk('a%zz.ts'))],
    ['a backslash', media(...chunk('..\\a.ts'))],
    [
      'an initialization section elsewhere',
      media('#EXT-X-MAP:URI="../init.mp4"', ...chunk('a.m4s')),
    ],
  ])('refuses %s', (_, text) => {
    expect(codeOf(text)).toBe('PLAYLIST_INVALID');
  });

  it.each([
    ['a master playlist', '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nv.m3u8\n'],
    ['encrypted chunks', media('#EXT-X-KEY:METHOD=AES-128,URI="key"', ...chunk('a.ts'))],
    ['a discontinuity', media(...chunk('a.ts'), '#EXT-X-DISCONTINUITY', ...chunk('b.ts'))],
    ['byte ranges', media('#EXTINF:6,', '#EXT-X-BYTERANGE:100@0', 'a.ts')],
  ])('says that %s is not supported', (_, text) => {
    expect(codeOf(text)).toBe('PLAYLIST_UNSUPPORTED');
  });
});
